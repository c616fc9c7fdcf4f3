import { dueBuffer, type DueBuffer } from '../../../../../processes/dispatching/due-buffer';
import type { HeldBackReason } from '../../../../../domain/shares/held-back';
import type { Holds } from '../../../../../processes/dispatching/shares/holds';
import { dueRow } from '../../../../support/due-rows';

let heldQueues: Map<string, HeldBackReason>;
let heldOwners: Map<string, HeldBackReason>;
let weights: Map<string, number>;
let buffer: DueBuffer;
let rows: number;

const holds: Holds = {
  ofQueue: (queue) => heldQueues.get(queue),
  ofOwner: (_queue, ownerId) => heldOwners.get(ownerId),
  weightOf: (ownerId) => weights.get(ownerId) ?? 1,
};
beforeEach(() => {
  heldQueues = new Map();
  heldOwners = new Map();
  weights = new Map();
  rows = 0;
  buffer = dueBuffer({ maxRows: 1_000, maxChars: 1_000_000 }, holds);
});

/** Jobs of an owner, all due at 1,000. */
const offer = (count: number, ownerId: string, queue = 'default'): void => {
  for (let n = 0; n < count; n++) buffer.offer(dueRow(rows++, { ownerId, queue }));
};
const take = (): string | undefined => {
  const job = buffer.take(2_000);
  if (job) buffer.settle(job);
  return job && `${job.queue}/${job.ownerId}`;
};
const takeAll = (): readonly string[] => {
  const taken: string[] = [];
  for (let one = take(); one !== undefined; one = take()) taken.push(one);
  return taken;
};

test('owners of a queue take turns, so that one with many jobs delays another by one job only', () => {
  offer(100, 'ada');
  offer(2, 'bob');
  const [first, second, third, fourth] = takeAll();
  const each = new Set(['default/ada', 'default/bob']);
  expect(new Set([first, second])).toEqual(each);
  expect(new Set([third, fourth])).toEqual(each);
});

test('queues take turns too: one with many owners does not keep another waiting', () => {
  for (let n = 0; n < 50; n++) offer(1, `owner-${n}`, 'crowded');
  offer(1, 'ada', 'quiet');
  expect(takeAll().slice(0, 2)).toContain('quiet/ada');
});

test('an owner of weight 3 has three jobs a turn', () => {
  weights.set('ada', 3);
  offer(6, 'ada');
  offer(2, 'bob');
  expect(takeAll().map((one) => one.slice('default/'.length))).toEqual([
    ...['ada', 'ada', 'ada', 'bob'],
    ...['ada', 'ada', 'ada', 'bob'],
  ]);
});

test('the jobs of an owner come oldest due first', () => {
  for (const dueAt of [900, 300, 600]) buffer.offer(dueRow(rows++, { dueAt }));
  const dueAts = [1, 2, 3].map(() => buffer.take(1_000)?.dueAt);
  expect(dueAts).toEqual([300, 600, 900]);
});

test('what is held waits and holds up nobody; asked about again, it goes on', () => {
  heldQueues.set('full', 'queue-full');
  heldOwners.set('ada', 'owner-running');
  offer(2, 'cyd', 'full');
  offer(2, 'ada');
  offer(2, 'bob');
  expect(takeAll()).toEqual(['default/bob', 'default/bob']);
  heldQueues.clear();
  heldOwners.clear();
  expect(takeAll()).toEqual([]); // nobody asks before there is a reason to
  buffer.reconsider();
  expect(takeAll().toSorted()).toEqual(['default/ada', 'default/ada', 'full/cyd', 'full/cyd']);
  expect(buffer.waiting()).toBe(0);
});

test('a newcomer to a queue whose other owners are held has his turn at once', () => {
  heldOwners.set('ada', 'owner-running');
  offer(2, 'ada');
  expect(takeAll()).toEqual([]);
  offer(1, 'bob');
  expect(takeAll()).toEqual(['default/bob']);
});

test('what waits is told with its reason, a whole queue as one', () => {
  heldQueues.set('full', 'queue-full');
  heldOwners.set('ada', 'owner-running');
  offer(3, 'cyd', 'full');
  offer(3, 'ada');
  offer(3, 'bob');
  take();
  take();
  const byOwner = buffer.held(1_500).toSorted((a, b) => (a.ownerId < b.ownerId ? -1 : 1));
  expect(byOwner).toEqual([
    { queue: 'full', ownerId: '', reason: 'queue-full', since: 1_000 },
    { queue: 'default', ownerId: 'ada', reason: 'owner-running', since: 1_000 },
    { queue: 'default', ownerId: 'bob', reason: 'owner-turn', since: 1_000 },
  ]);
  expect(buffer.held(1_000)).toEqual([]); // not yet long enough
});

test('a job that was moved while it waited for its turn is dropped', () => {
  heldOwners.set('ada', 'owner-running');
  offer(1, 'ada');
  takeAll();
  buffer.offer(dueRow(0, { revision: 1n, dueAt: 9_000 }));
  heldOwners.clear();
  buffer.reconsider();
  expect(takeAll()).toEqual([]);
  expect(buffer.waiting()).toBe(1);
});

test('one owner leaves a fifth of the memory to others, and has room again when half of his part is gone', () => {
  const small = dueBuffer({ maxRows: 100, maxChars: 1_000_000 }, holds);
  let taken = 0;
  while (small.offer(dueRow(taken))) taken += 1;
  expect(taken).toBe(80);
  const ada = { queue: 'default', ownerId: 'ada' };
  expect(small.offer(dueRow(900, { ownerId: 'bob' }))).toBe(true);
  expect(small.hasRoomFor(ada)).toBe(false);
  for (let n = 0; n < 5; n++) small.take(2_000);
  expect(small.hasRoomFor(ada)).toBe(false);
  for (let n = 0; n < 20; n++) small.take(2_000);
  expect(small.hasRoomFor(ada)).toBe(true);
});
