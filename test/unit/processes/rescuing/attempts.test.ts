import { orphanedSearch } from '../../../../processes/rescuing/attempts';
import { seenTime } from '../../../../processes/rescuing/seen-time';
import { rescuerDefaults } from '../../../../processes/rescuing/settings';
import { strays } from '../../../../processes/rescuing/broker/strays';
import { manualTimers } from '../../../support/manual-timers';
import { metricsRecorder, silentLogger } from '../../../support/processes';

const HOUR_MS = 3_600_000;

/** One executor that looks silent to whoever asks the database, which has been watched for an hour. */
const setUp = () => {
  const timers = manualTimers();
  const seen = seenTime();
  let offsetMs = 0;
  const lookNow = (): Promise<void> => {
    seen.see({ databaseNow: offsetMs + timers.monotonicMs(), position: 1n }, timers.monotonicMs());
    return Promise.resolve();
  };
  for (let second = 0; second < 3_600; second++) {
    timers.advance(1_000);
    void lookNow();
  }
  const givenUp: string[] = [];
  const { rescuer: metrics } = metricsRecorder();
  const unknown = () => Promise.reject(new Error('not asked here'));
  let setClockMeanwhileBy = 0;
  const { round } = orphanedSearch(
    {
      ...{ logger: silentLogger, metrics, timers, seen, lookNow, concurrency: 1 },
      strays: strays(seen),
      clock: { now: () => 0 },
      commands: {
        ...{ timeOut: unknown, expire: unknown, look: unknown },
        loseExecutor: (jobId) => {
          givenUp.push(jobId);
          return Promise.resolve('done');
        },
      },
      unfinished: {
        overdue: unknown,
        orphaned: () => {
          offsetMs += setClockMeanwhileBy;
          return Promise.resolve([{ jobId: 'j1', attempt: 1, executorId: 'x1' }]);
        },
      },
      queued: { tooLate: unknown },
    },
    rescuerDefaults,
  );
  return {
    round,
    givenUp,
    setClockMeanwhile: (by: number) => {
      setClockMeanwhileBy = by;
    },
  };
};

test('an executor that has been silent while all was steady is given up', async () => {
  const { round, givenUp } = setUp();
  await round();
  expect(givenUp).toEqual(['j1']);
});

test.each([HOUR_MS, -HOUR_MS])(
  'nobody is given up for a clock that was set by %i ms between the last look at it and the question: it is looked at again first',
  async (by) => {
    const { round, givenUp, setClockMeanwhile } = setUp();
    setClockMeanwhile(by);
    await round();
    expect(givenUp).toEqual([]);
  },
);
