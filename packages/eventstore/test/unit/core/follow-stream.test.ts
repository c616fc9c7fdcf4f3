import fc from 'fast-check';
import type { RecordedEvent } from '../../../core/events';
import { followAll } from '../../../core/follow';
import { followStream } from '../../../core/follow-stream';
import { memoryTail } from '../../../core/tail';
import { logInMemory } from './log-in-memory';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const nowMs = () => 0;

/** What happens while a subscription runs: commits, takes, a storage that was away, and pauses between them. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      own: fc.nat(3),
      other: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('burst' as const), own: fc.constant(600) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'take' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'pause' as const }) },
);

const follow = async (
  kind: 'stream' | 'all',
  before: number,
  from: number | 'end',
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
) => {
  const { events, record, reader } = logInMemory();
  const tail = memoryTail(20_000); // some 40 events
  const commit = (own: number, other: number, isTold = true): void => {
    const committed: RecordedEvent[] = [];
    for (let i = 0; i < Math.max(own, other); i += 1) {
      if (i < own) committed.push(record('own'));
      if (i < other) committed.push(record('other'));
    }
    if (isTold) tail.append(committed);
    else tail.reset(events.length);
  };
  commit(before, before);
  const controller = new AbortController();
  const deps = { reader, tail, nowMs };
  const all = from === 'end' ? tail.lastSequence() : from + 1;
  const batches =
    kind === 'stream'
      ? followStream(deps, 'own', from, controller.signal)
      : followAll(deps, all, controller.signal);
  const start = from === 'end' ? before : from + 1;

  const seen: RecordedEvent[] = [];
  let taking: Promise<boolean> | undefined;
  const take = async (): Promise<boolean> => {
    const { value } = await batches.next();
    if (value) seen.push(...value.events);
    return value?.caughtUp === true && seen.at(-1)?.sequence === events.at(-1)?.sequence;
  };
  const begin = (): void => {
    taking ??= take().finally(() => (taking = undefined));
  };
  begin(); // a generator begins with its first take
  for (const current of steps) {
    if (current.kind === 'append') commit(current.own, current.other);
    else if (current.kind === 'burst') commit(current.own, 0);
    else if (current.kind === 'reset') commit(2, 1, false);
    else if (current.kind === 'take') begin();
    else await tick();
  }
  commit(1, 0);
  while (seen.at(-1)?.sequence !== events.length) {
    begin();
    await taking;
  }
  controller.abort();
  await taking;
  await batches.return(undefined);
  const expected =
    kind === 'stream'
      ? events.filter(({ stream, revision }) => stream === 'own' && revision >= start)
      : events.slice(all);
  expect(seen.map(({ sequence }) => sequence)).toEqual(expected.map(({ sequence }) => sequence));
};

test.each(['stream', 'all'] as const)(
  'whatever happens in between, a subscription to one %s sees each event once, in order',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(50),
        fc.oneof(fc.constant('end' as const), fc.integer({ min: -1, max: 5 })),
        fc.array(step, { maxLength: 40 }),
        async (before, from, steps) => {
          await follow(kind, before, from === 'end' ? 'end' : Math.min(from, before - 1), steps);
        },
      ),
      { numRuns: 150 },
    );
  },
);

test('a stream subscription that was too slow reads its own events again, never the log', async () => {
  const { record, reader, read } = logInMemory();
  const tail = memoryTail(20_000);
  const controller = new AbortController();
  const batches = followStream({ reader, tail, nowMs }, 'own', -1, controller.signal);
  expect((await batches.next()).value).toMatchObject({ events: [], caughtUp: false });
  for (let i = 0; i < 700; i += 1) tail.append([record('own'), record('other'), record('other')]);
  const pages: boolean[] = [];
  let seen = 0;
  while (seen < 700) {
    const { value } = await batches.next();
    seen += value?.events.length ?? 0;
    if (value) pages.push(value.fromStorage);
  }
  expect(seen).toBe(700);
  expect(pages.every(Boolean)).toBe(true);
  expect(read).toEqual({ events: 700, ofAll: 0 });
  controller.abort();
  await batches.return(undefined);
});

test('a stream subscription does not wake up for the events of other streams', async () => {
  const { record, reader } = logInMemory();
  const tail = memoryTail(20_000);
  const controller = new AbortController();
  const batches = followStream({ reader, tail, nowMs }, 'own', 'end', controller.signal);
  await batches.next();
  let wakes = 0;
  const next = batches.next().then(() => (wakes += 1));
  for (let i = 0; i < 10; i += 1) {
    tail.append([record('other')]);
    await tick();
  }
  expect(wakes).toBe(0);
  tail.append([record('own')]);
  await next;
  expect(wakes).toBe(1);
  controller.abort();
  await batches.return(undefined);
});
