import { inParallel } from '../../../../processes/rescuing/in-parallel';
import { lostMessages } from '../../../../processes/rescuing/lost-messages';
import { rescuerDefaults } from '../../../../processes/rescuing/settings';
import { steadyClock } from '../../../../processes/rescuing/steady-clock';
import type { NeverStarted } from '../../../../projections/queries/unfinished-jobs';
import { nthJobId } from '../../../support/due-rows';
import { manualTimers } from '../../../support/manual-timers';
import { metricsRecorder, silentLog } from '../../../support/processes';

const MAX_LATENESS_MS = 60_000;
const queued = (n: number): NeverStarted => ({
  jobId: nthJobId(n),
  attempt: 1,
  delivery: 1,
  queue: 'default',
  dueAt: 0,
  maxLatenessMs: MAX_LATENESS_MS,
});

/** Jobs that wait for their start, all of them with their message in the broker unless told. */
const setUp = (count: number, isStored: (jobId: string) => boolean = () => true) => {
  const timers = manualTimers();
  const asked: { readonly olderThanMs: number; readonly limit: number }[] = [];
  const looked: string[] = [];
  const expired: string[] = [];
  const clock = { nowMs: 0 };
  const broker = { madeAt: '2020-01-01T00:00:00Z' };
  const { counts, rescuer } = metricsRecorder();
  const { rescue } = lostMessages(
    {
      unfinished: {
        neverStarted: (olderThanMs, limit) => {
          asked.push({ olderThanMs, limit });
          return Promise.resolve(
            Array.from({ length: Math.min(count, limit) }, (_, n) => queued(n)),
          );
        },
      },
      commands: {
        redispatch: () => Promise.resolve({ outcome: 'stale' }),
        expire: (jobId) => {
          expired.push(jobId);
          return Promise.resolve('done');
        },
      },
      messages: {
        publish: () => Promise.resolve(),
        isHopeless: () => false,
        isForWantOfRoom: () => false,
        isStored: (_queue, jobId) => {
          looked.push(jobId);
          return Promise.resolve(isStored(jobId));
        },
        incarnation: () => Promise.resolve(broker.madeAt),
      },
      clock: { now: () => clock.nowMs },
      draw: () => 0,
      log: silentLog,
      metrics: rescuer,
      timers,
    },
    rescuerDefaults,
    new AbortController().signal,
  );
  return { timers, asked, looked, expired, clock, broker, counts, round: () => rescue(Date.now()) };
};

test('jobs that wait in the broker do not hide lost ones behind them: the page grows until it shows all', async () => {
  const { asked, round } = setUp(1_200);
  for (let n = 0; n < 4; n++) await round();
  expect(asked.map(({ limit }) => limit)).toEqual([500, 1_000, 2_000, 2_000]);
});

test('a message that was just seen in the broker is not looked for in every round', async () => {
  const { looked, timers, round } = setUp(3);
  await round();
  await round();
  expect(looked).toHaveLength(3);
  timers.advance(10_000);
  await round();
  expect(looked).toHaveLength(6);
});

test('a job that has become too late expires at once, although its message was just seen', async () => {
  const { expired, clock, round } = setUp(2);
  await round();
  clock.nowMs = MAX_LATENESS_MS + 1;
  await round();
  expect(expired).toEqual([nthJobId(0), nthJobId(1)]);
});

test('once the stream is a new one, messages are looked for at once and all of them again', async () => {
  const { asked, looked, broker, timers, round } = setUp(3);
  await round();
  broker.madeAt = new Date().toISOString();
  await round();
  expect(asked.map(({ olderThanMs }) => olderThanMs)).toEqual([30_000, 1_000]);
  expect(looked).toHaveLength(6);
  timers.advance(30_000);
  await round();
  expect(asked.at(-1)?.olderThanMs).toBe(30_000);
});

test('a rescuer that starts beside a new stream takes nothing for granted', async () => {
  const { asked, broker, round } = setUp(0);
  broker.madeAt = new Date().toISOString();
  await round();
  expect(asked).toEqual([{ olderThanMs: 1_000, limit: 500 }]);
});

test('a database clock that was set makes ages meaningless for a while', () => {
  const timers = manualTimers();
  const clock = steadyClock(timers, 15_000);
  expect(clock.isSteadyAt(1_000_000)).toBe(true);
  timers.advance(1_000);
  expect(clock.isSteadyAt(1_001_400)).toBe(true);
  timers.advance(1_000);
  expect(clock.isSteadyAt(4_600_000)).toBe(false);
  timers.advance(14_999);
  expect(clock.isSteadyAt(4_614_999)).toBe(false);
  timers.advance(1);
  expect(clock.isSteadyAt(4_615_000)).toBe(true);
});

test('work in parallel is limited, and begins nothing new after an error', async () => {
  const begun: number[] = [];
  let atOnce = 0;
  let most = 0;
  const items = Array.from({ length: 20 }, (_, n) => n);
  const work = async (n: number): Promise<void> => {
    begun.push(n);
    most = Math.max(most, ++atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
    if (n === 5) throw new Error('the broker is away');
  };
  await expect(inParallel(items, 4, work)).rejects.toThrow('away');
  expect(most).toBe(4);
  expect(begun.length).toBeLessThan(12);
  await inParallel([], 4, work);
});
