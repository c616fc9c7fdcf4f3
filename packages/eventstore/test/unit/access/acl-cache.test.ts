import { aclCache } from '../../../access/acl-cache';
import type { RecordedEvent } from '../../../core/events';
import { parseStreamMetadata, type StreamMetadata } from '../../../core/stream-metadata';
import { memoryTail } from '../../../core/tail';

const nothing = Buffer.alloc(0);
const eventOf = (stream: string, sequence: number): RecordedEvent => ({
  stream,
  sequence,
  revision: 0,
  createdMs: 0,
  id: nothing,
  type: 't',
  isJson: true,
  data: nothing,
  metadata: nothing,
});
const reads = (writer: string): StreamMetadata =>
  parseStreamMetadata(Buffer.from(JSON.stringify({ $acl: { $r: writer } })));

const world = () => {
  const tail = memoryTail(1e6);
  const stored = new Map<string, StreamMetadata>();
  const lookups: string[] = [];
  let fails = false;
  const heads = (streams: readonly string[]) => {
    lookups.push(...streams);
    if (fails) return Promise.reject(new Error('storage is away'));
    return Promise.resolve(
      new Map(streams.map((s) => [s, { revision: 0, metadata: stored.get(s) ?? reads('none') }])),
    );
  };
  // of storage the cache asks nothing but heads
  const aclOf = aclCache({ reader: { heads } as never, tail, nowMs: () => 0 });
  return { tail, stored, lookups, aclOf, fail: (is: boolean) => (fails = is) };
};

test('an ACL is looked up once and then known at once', async () => {
  const { aclOf, stored, lookups } = world();
  stored.set('s', reads('ada'));
  const first = aclOf('s');
  expect(aclOf('s')).toBe(first);
  expect(await first).toEqual({ $r: ['ada'] });
  expect(aclOf('s')).toEqual({ $r: ['ada'] });
  expect(lookups).toEqual(['s']);
});

test('metadata that enters the log is seen by the next question, and only that stream is asked again', async () => {
  const { aclOf, stored, lookups, tail } = world();
  await Promise.all([aclOf('s'), aclOf('other')]);
  stored.set('s', reads('bob'));
  tail.append([eventOf('s', 1), eventOf('$$s', 2)]);
  expect(await aclOf('s')).toEqual({ $r: ['bob'] });
  await aclOf('other');
  expect(lookups).toEqual(['s', 'other', 's']);
});

test('a lookup that was under way when the metadata changed is not kept', async () => {
  const { aclOf, tail, lookups } = world();
  const old = aclOf('s');
  tail.append([eventOf('$$s', 1)]);
  await old;
  await aclOf('s');
  expect(lookups).toEqual(['s', 's']);
});

test('a reset of the log forgets all: what was known may not have been stored', async () => {
  const { aclOf, tail, lookups } = world();
  tail.append([eventOf('s', 1)]);
  await aclOf('s');
  tail.reset(0);
  await aclOf('s');
  expect(lookups).toEqual(['s', 's']);
});

test('a failed lookup is nobody’s answer: the next question asks again', async () => {
  const { aclOf, fail } = world();
  fail(true);
  await expect(aclOf('s')).rejects.toThrow('away');
  fail(false);
  expect(await aclOf('s')).toEqual({ $r: ['none'] });
});
