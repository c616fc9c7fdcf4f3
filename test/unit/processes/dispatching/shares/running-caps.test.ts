import { liveByKey, runningCaps } from '../../../../../processes/dispatching/shares/running-caps';
import { limitsIn } from '../../../../../processes/dispatching/shares/share-limits';
import type { Live, Tally } from '../../../../../processes/dispatching/shares/tally';
import type { Shares } from '../../../../../domain/shares/shares';

const everyShard = new Set(Array.from({ length: 256 }, (_, slot) => slot));

const start = (shares: Shares) => {
  const counts = new Map<string, Live>();
  const hurried: string[] = [];
  const begun: (readonly string[])[] = [];
  let knowsAll = true;
  const live: Tally = {
    of: (key) => counts.get(key) ?? { counted: 0, begun: 0 },
    begin: (keys) => {
      begun.push(keys);
      return { dispatched: () => undefined, giveBack: () => undefined };
    },
    hurry: (key) => void hurried.push(key),
    knowsAll: () => knowsAll,
    isBlind: () => false,
    run: () => Promise.resolve(),
  };
  const caps = runningCaps(limitsIn(shares, {}), live);
  caps.setShards(everyShard);
  return {
    ...{ caps, hurried, begun },
    set: (key: string, counted: number, own = 0) => counts.set(key, { counted, begun: own }),
    forget: () => {
      knowsAll = false;
    },
  };
};

const mail: Shares = {
  queues: { mail: { maxRunning: 4, maxRunningPerOwner: 2 } },
  owners: { ada: { maxRunning: 3 } },
};

test('a queue has room until as many run as may, counted ones and own ones together', () => {
  const { caps, set, hurried } = start(mail);
  set('q mail', 3);
  expect(caps.isQueueFull('mail')).toBe(false);
  expect(hurried).toEqual([]);
  set('q mail', 3, 1);
  expect(caps.isQueueFull('mail')).toBe(true);
  expect(hurried).toEqual(['q mail']); // somebody waits for it
  set('q mail', 4);
  expect(caps.isQueueFull('mail')).toBe(true);
  expect(caps.isQueueFull('other')).toBe(false);
});

test('an owner has a cap over all queues, and one in this queue', () => {
  const { caps, set } = start(mail);
  expect(caps.isOwnerFull('mail', 'ada')).toBe(false);
  set('b mail ada', 2);
  expect(caps.isOwnerFull('mail', 'ada')).toBe(true);
  expect(caps.isOwnerFull('other', 'ada')).toBe(false);
  set('o ada', 3);
  expect(caps.isOwnerFull('other', 'ada')).toBe(true);
  expect(caps.isOwnerFull('mail', 'bob')).toBe(false);
});

test('before all was counted a cap lets nobody through, for nobody knows what others have begun', () => {
  const { caps, forget } = start(mail);
  forget();
  expect(caps.isQueueFull('mail')).toBe(true);
  expect(caps.isQueueFull('other')).toBe(false);
});

test('of several dispatchers each has its part of the room, and what cannot be divided has one of them', () => {
  const shares: Shares = { queues: { mail: { maxRunning: 1 } }, owners: {} };
  const halves = [0, 128].map((from) => new Set(Array.from({ length: 128 }, (_, n) => from + n)));
  const mayRun = halves.filter((slots) => {
    const { caps } = start(shares);
    caps.setShards(slots);
    return !caps.isQueueFull('mail');
  });
  expect(mayRun).toHaveLength(1);
  const { caps, set } = start({ queues: { mail: { maxRunning: 4 } }, owners: {} });
  caps.setShards(halves[0] ?? new Set());
  set('q mail', 0, 2);
  expect(caps.isQueueFull('mail')).toBe(true);
  set('q mail', 0, 1);
  expect(caps.isQueueFull('mail')).toBe(false);
});

test('what runs is counted by queue, owner and both, only where somebody has a cap', () => {
  const capped = start(mail);
  capped.caps.begin('mail', 'ada lovelace');
  expect(capped.begun).toEqual([['q mail', 'o ada lovelace', 'b mail ada lovelace']]);
  const free = start({ queues: {}, owners: {} });
  free.caps.begin('mail', 'ada');
  expect(free.begun).toEqual([[]]);
});

test('live jobs of several queues add up for their owner', () => {
  const jobs = [
    { queue: 'mail', ownerId: 'ada', jobs: 2 },
    { queue: 'web', ownerId: 'ada', jobs: 3 },
  ];
  const count = liveByKey({ position: 7n, jobs });
  expect(count.position).toBe(7n);
  expect(Object.fromEntries(count.jobs)).toEqual({
    ...{ 'q mail': 2, 'q web': 3, 'o ada': 5, 'b mail ada': 2, 'b web ada': 3 },
  });
});
