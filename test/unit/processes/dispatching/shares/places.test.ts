import { places, type PlacesDeps } from '../../../../../processes/dispatching/shares/places';
import { limitsIn } from '../../../../../processes/dispatching/shares/share-limits';
import { waitingJob } from '../../../../../processes/dispatching/shares/waiting-job';
import { systemTimers } from '../../../../../processes/runtime/timers';
import type { Shares } from '../../../../../domain/shares/shares';
import { dueRow } from '../../../../support/due-rows';
import { silentLogger } from '../../../../support/processes';
import { until } from '../../../../support/until';

const job = waitingJob(dueRow(1));
const everyShard = new Set(Array.from({ length: 256 }, (_, slot) => slot));

const start = (shares: Shares, more: Partial<PlacesDeps> = {}) => {
  let rooms = 0;
  let hasRoom = true;
  let stoodStillAtMs: number | undefined;
  const counted: string[] = [];
  const room = places({
    depths: {
      depthOf: () => Promise.resolve({ waiting: 0, delivered: 1, isServed: true }),
      streamUse: () => Promise.resolve({ usedBytes: 0, maxBytes: 1_000_000 }),
    },
    messages: {
      publish: () => (hasRoom ? Promise.resolve() : Promise.reject(new Error('no room'))),
      hopelessness: () => undefined,
      isForWantOfRoom: () => true,
    },
    limits: limitsIn(shares, {}),
    countUnstarted: (flows) => {
      counted.push(...flows.map(({ queue, ownerId = '*' }) => `${queue}/${ownerId}`));
      return Promise.resolve({ position: 0n, jobs: flows.map(() => 0) });
    },
    countLive: () => Promise.resolve({ position: 0n, jobs: [] }),
    timers: {
      ...systemTimers,
      monotonicMs: () => stoodStillAtMs ?? systemTimers.monotonicMs(),
    },
    logger: silentLogger,
    deliveryLog: {
      failed: () => undefined,
      over: () => undefined,
      gaveUp: () => undefined,
      close: () => undefined,
    },
    minQueueMessages: 5,
    maxQueueMessages: 10,
    ownerWindows: { aloneJobs: 3, besideJobs: 1, maxJobs: 9, aloneMs: 400, besideMs: 80 },
    onRoom: () => {
      rooms += 1;
    },
    ...more,
  });
  room.setShards(everyShard);
  const controller = new AbortController();
  const running = room.run(controller.signal);
  return {
    ...{ room, counted },
    rooms: () => rooms,
    /** So that no rate makes room meanwhile, however slow the machine. */
    letTimeStandStill: () => {
      stoodStillAtMs = systemTimers.monotonicMs();
    },
    letTimePass: () => {
      stoodStillAtMs = undefined;
    },
    setRoom: (has: boolean) => {
      hasRoom = has;
    },
    stop: async () => {
      controller.abort();
      await running;
    },
  };
};
const none: Shares = { queues: {}, owners: {} };

let bench: ReturnType<typeof start>;
afterEach(() => bench.stop());

test('a queue is full at its budget, an owner at his window, and a place that is given back is free', () => {
  bench = start(none);
  const { holds, take } = bench.room;
  const taken = Array.from({ length: 3 }, () => take(job));
  expect(holds.ofQueue('default')).toBeUndefined();
  expect(holds.ofOwner('default', 'ada', 9)).toBe('owner-turn');
  taken[0]?.giveBack();
  expect(holds.ofOwner('default', 'ada', 9)).toBeUndefined();
  for (let n = 0; n < 3; n += 1) take(waitingJob(dueRow(n, { ownerId: `owner-${n}` })));
  expect(holds.ofQueue('default')).toBe('queue-full');
  taken[1]?.giveBack();
  expect(holds.ofQueue('default')).toBeUndefined();
});

test('a dispatch that is in the log keeps its place among those that run, for it runs sooner or later', () => {
  bench = start(none);
  const { holds, take } = bench.room;
  const taken = Array.from({ length: 3 }, () => take(job));
  taken[0]?.dispatched(1n);
  taken[0]?.giveBack(); // its message was undeliverable
  expect(holds.ofOwner('default', 'ada', 9)).toBe('owner-turn');
});

test('caps of running jobs hold a queue and an owner by name, once all is counted', async () => {
  bench = start({ queues: { default: { maxRunning: 1 } }, owners: { bob: { maxRunning: 1 } } });
  const { holds, take } = bench.room;
  expect(holds.ofQueue('default')).toBe('queue-running'); // nobody knows what runs yet
  await until(() => holds.ofQueue('default') === undefined);
  take(job);
  expect(holds.ofQueue('default')).toBe('queue-running');
  expect(holds.ofOwner('other', 'bob', 1)).toBeUndefined();
  take(waitingJob(dueRow(2, { ownerId: 'bob', queue: 'other' })));
  expect(holds.ofOwner('other', 'bob', 1)).toBe('owner-running');
});

test('a rate holds its queue, says so, and makes room by time alone', async () => {
  bench = start({ queues: { default: { ratePerSecond: 20 } }, owners: {} });
  bench.letTimeStandStill();
  const { holds, take } = bench.room;
  take(job);
  take(job);
  expect(holds.ofQueue('default')).toBe('queue-rate');
  const before = bench.rooms();
  bench.letTimePass();
  await until(() => bench.rooms() > before);
  await until(() => holds.ofQueue('default') === undefined);
});

test('what a rate was spent on in vain is given back', () => {
  bench = start({ queues: { default: { ratePerSecond: 10 } }, owners: {} });
  bench.letTimeStandStill();
  const { holds, take } = bench.room;
  const taken = take(job);
  expect(holds.ofQueue('default')).toBe('queue-rate');
  taken.giveBack();
  expect(holds.ofQueue('default')).toBeUndefined();
});

test('nobody goes past a message for which the broker had no room', async () => {
  bench = start(none);
  bench.setRoom(false);
  const { holds, take } = bench.room;
  expect(take(job).refused('the message')).toBe(true);
  expect(holds.ofQueue('another')).toBe('queue-full');
  await until(() => bench.rooms() > 1);
  expect(holds.ofQueue('another')).toBe('queue-full');
  bench.setRoom(true);
  await until(() => holds.ofQueue('another') === undefined);
});

test('what others have begun is counted for the queue and the owner', async () => {
  bench = start(none);
  bench.room.take(job).dispatched(1n);
  await until(() => bench.counted.includes('default/*'));
  expect(bench.counted).toContain('default/ada');
});

test('half of the slots is half of the room', () => {
  bench = start(none);
  bench.room.setShards(new Set([...everyShard].slice(0, 128)));
  const { holds, take } = bench.room;
  for (let n = 0; n < 3; n += 1) take(waitingJob(dueRow(n, { ownerId: `owner-${n}` })));
  expect(holds.ofQueue('default')).toBe('queue-full');
});

test('turns are as long as the weight of an owner', () => {
  bench = start({ queues: {}, owners: { ada: { weight: 7 } } });
  expect([bench.room.holds.weightOf('ada'), bench.room.holds.weightOf('bob')]).toEqual([7, 1]);
});
