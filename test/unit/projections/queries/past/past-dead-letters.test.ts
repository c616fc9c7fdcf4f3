import { fold } from '../../../../../domain/decider';
import type { JobEvent } from '../../../../../domain/job/events';
import { evolve } from '../../../../../domain/job/evolve';
import { initial } from '../../../../../domain/job/state';
import { toTimestamp } from '../../../../../domain/time';
import { deadLettersAmong } from '../../../../../projections/queries/past/past-dead-letters';
import { dispatched, scheduled, started, t } from '../../../../support/jobs';

// by cause, as the list of the present has them

const signal = new AbortController().signal;

type Dead = {
  readonly code: string;
  readonly at: number;
  readonly queue?: string;
  readonly message?: string;
};

const jobOf = (jobId: string, events: readonly JobEvent[], at: number) => {
  const job = fold(
    evolve,
    initial,
    events.map((event, revision) => ({ ...event, at: t(at), revision: BigInt(revision) })),
  );
  if (job.status === 'none') throw new Error('it was scheduled');
  return { jobId, job };
};
const life = (queue: string, end: JobEvent): readonly JobEvent[] => [
  scheduled({ queue, name: 'call' }, t(1)),
  dispatched(1, t(1)),
  started(),
  end,
];
const dead = (jobId: string, { code, at, queue = 'mail', message = code }: Dead) =>
  jobOf(
    jobId,
    life(queue, { type: 'JobFailed', data: { attempts: 1, error: { code, message } } }),
    at,
  );

test('what failed last comes first, with how many of each cause, the first, the last and what that said', async () => {
  const ended = jobOf('ended', life('mail', { type: 'JobSucceeded', data: { attempt: 1 } }), 90);
  const found = await deadLettersAmong(
    [
      dead('b', { code: 'A', at: 30, message: 'newest' }),
      dead('a', { code: 'A', at: 20 }),
      dead('c', { code: 'A', at: 25 }),
      dead('d', { code: 'A', at: 50, queue: 'other' }),
      ended,
    ],
    9,
    signal,
  );
  expect(found).toEqual({
    causes: [
      {
        ...{ errorCode: 'A', queue: 'other', jobs: 1, isCounted: true },
        ...{ firstAt: toTimestamp(t(50)), lastAt: toTimestamp(t(50)) },
        last: { jobId: 'd', ownerId: 'ada', name: 'call', message: 'A' },
      },
      {
        ...{ errorCode: 'A', queue: 'mail', jobs: 3, isCounted: true },
        ...{ firstAt: toTimestamp(t(20)), lastAt: toTimestamp(t(30)) },
        last: { jobId: 'b', ownerId: 'ada', name: 'call', message: 'newest' },
      },
    ],
    isComplete: true,
  });
});

test('of more causes than are told the first by code and queue are, and it says so', async () => {
  const jobs = ['B', 'C', 'A'].map((code, n) => dead(code, { code, at: 20 + n }));
  const { causes, isComplete } = await deadLettersAmong(jobs, 2, signal);
  expect(causes.map(({ errorCode }) => errorCode)).toEqual(['A', 'B']);
  expect(isComplete).toBe(false);
});

test.each([
  ['a NUL in its message', { code: 'A', message: 'x\0y' }, ''],
  ['a lone surrogate', { code: '\ud800', message: '' }, ''],
  ['a code longer than any that is reported', { code: '𝒳'.repeat(300) }, '𝒳'.repeat(200)],
])('an error with %s has the code that the read model gives it', async (_what, error, code) => {
  const { causes } = await deadLettersAmong([dead('a', { at: 20, ...error })], 9, signal);
  expect(causes.map(({ errorCode }) => errorCode)).toEqual([code]);
});

test('nobody goes through all of them for an answer that nobody waits for', async () => {
  const jobs = Array.from({ length: 600 }, (_, n) => dead(String(n), { code: 'A', at: 20 }));
  const stopped = AbortSignal.abort(new Error('too late'));
  await expect(deadLettersAmong(jobs, 9, stopped)).rejects.toThrow('too late');
});
