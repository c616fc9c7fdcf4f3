import { EventLogUnavailable, StreamContended } from '../../../../domain/event-log';
import { BrokerAway, contained } from '../../../../processes/rescuing/contained';
import { searchOn } from '../../../../processes/rescuing/search';
import { manualTimers } from '../../../support/manual-timers';
import { metricsRecorder, silentLogger } from '../../../support/processes';
import { unwatched } from '../../../../processes/health/vitals';

const jobs = Array.from({ length: 8 }, (_, n) => ({ jobId: `job-${n}` }));

const setUp = (concurrency = 4) => {
  const timers = manualTimers();
  const { counts, rescuer: metrics } = metricsRecorder();
  const logged: unknown[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => logged.push(fields) };
  const { each, size } = contained('overdue', { logger, metrics, timers, concurrency });
  const tried: string[] = [];
  const round = async (fails: (jobId: string) => Error | undefined): Promise<void> =>
    await each(jobs, ({ jobId }) => {
      tried.push(jobId);
      const error = fails(jobId);
      return error ? Promise.reject(error) : Promise.resolve('settled');
    });
  return { timers, counts, logged, tried, round, size };
};

test('one job that cannot be read holds up no other: it is counted, logged once and put off, longer each time', async () => {
  const { timers, counts, logged, tried, round, size } = setUp();
  const poisoned = (jobId: string): Error | undefined =>
    jobId === 'job-0' ? new TypeError('JobTeleported is no job event of this build') : undefined;
  await round(poisoned);
  expect(new Set(tried)).toEqual(new Set(jobs.map(({ jobId }) => jobId)));
  for (let second = 0; second < 120; second++) {
    timers.advance(1_000);
    await round(poisoned);
  }
  expect(size()).toBe(1);
  expect(logged).toHaveLength(1);
  // after 1, 2, 4, 8, 16, 32 seconds, and then each minute
  expect(counts.of('fault:overdue')).toBeLessThan(10);
  expect(tried.filter((jobId) => jobId === 'job-7')).toHaveLength(121);
  timers.advance(60_000);
  await round(() => undefined);
  expect(size()).toBe(0);
});

test('an outage of the log is nobody’s fault: the round is over, and all are tried again soon', async () => {
  const { timers, counts, tried, round } = setUp();
  const away = () => new EventLogUnavailable('away');
  for (let n = 0; n < 6; n++) {
    await expect(round(away)).rejects.toBeInstanceOf(EventLogUnavailable);
    timers.advance(1_000);
  }
  expect(counts.of('fault:overdue')).toBe(0);
  tried.length = 0;
  await round(() => undefined);
  expect(tried).toHaveLength(jobs.length);
});

test('a stream that never answers while others do is at fault itself, though it looks like an outage', async () => {
  const { timers, counts, tried, round } = setUp();
  const stuck = (jobId: string): Error | undefined =>
    jobId < 'job-4' ? new EventLogUnavailable('no answer') : undefined;
  // the four that come first are all that is tried of the first round
  await expect(round(stuck)).rejects.toThrow('no answer');
  timers.advance(1_000);
  await round(stuck);
  expect(new Set(tried)).toEqual(new Set(jobs.map(({ jobId }) => jobId)));
  expect(counts.of('fault:overdue')).toBe(4);
});

test.each([
  { error: new StreamContended('lost 20 races'), what: 'a stream with many writers' },
  { error: new RangeError('bad'), what: 'a bug' },
])('$what ends no round, even when it is all there is', async ({ error }) => {
  const { counts, round } = setUp();
  await round(() => error);
  expect(counts.of('fault:overdue')).toBe(jobs.length);
});

test('a thousand unreadable jobs do not fill the page for ever: who asks is told how many to page past', async () => {
  const { round, size } = setUp();
  await round(() => new TypeError('unreadable'));
  expect(size()).toBe(jobs.length);
});

test('a search that fails waits longer, and does so alone', async () => {
  const { rescuer: metrics, counts } = metricsRecorder();
  const stopping = new AbortController();
  const rounds = { lost: 0, overdue: 0 };
  const deps = { logger: silentLogger, metrics, draw: () => 0.999, vitals: unwatched, everyMs: 5 };
  const lost = searchOn(
    {
      name: 'lost',
      round: () => {
        rounds.lost += 1;
        return Promise.reject(new BrokerAway('away'));
      },
    },
    deps,
    stopping.signal,
  );
  const overdue = searchOn(
    {
      name: 'overdue',
      round: () => {
        rounds.overdue += 1;
        if (rounds.overdue === 40) stopping.abort();
        return Promise.resolve(undefined);
      },
    },
    deps,
    stopping.signal,
  );
  await Promise.all([lost, overdue]);
  expect(rounds.overdue).toBe(40);
  expect(rounds.lost).toBeLessThan(5);
  expect(counts.of('outage:lost')).toBe(rounds.lost);
});
