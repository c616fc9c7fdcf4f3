import { attemptsOf } from '../../../../domain/audit/attempts';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import {
  attemptFailed,
  cancelled,
  dispatched,
  facts,
  failed,
  rescheduled,
  scheduled,
  started,
  succeeded,
  t,
} from '../../../support/jobs';

const attemptsAfter = (...events: readonly JobEvent[]) => attemptsOf(facts(events));
const at = (second: number) => toTimestamp(t(second));
const boom = { code: 'boom', message: 'it broke' };
const sent = { attempt: 1, dueAt: at(50), dispatchedAt: at(1), deliveries: 1 };
const unstarted = { startedAt: null, executorId: null };
const open = { endedAt: null, ended: null, error: null };

const redispatched: JobEvent = { type: 'JobRedispatched', data: { attempt: 1, delivery: 2 } };
const aborted: JobEvent = { type: 'JobAborted', data: { attempt: 1 } };
const abortRequested: JobEvent = { type: 'JobAbortRequested', data: {} };
const redriven: JobEvent = { type: 'JobRedriven', data: { dueAt: at(80) } };
const expired: JobEvent = {
  type: 'JobExpired',
  data: { dueAt: at(50), maxLatenessMs: 1_000 },
};
const undeliverable: JobEvent = {
  type: 'JobAttemptFailed',
  data: { attempt: 1, cause: 'undeliverable', error: boom },
};

test('a job of which nothing was sent has no attempt, whatever became of it', () => {
  expect(attemptsAfter(scheduled())).toEqual([]);
  expect(attemptsAfter(scheduled(), rescheduled(t(60)), cancelled)).toEqual([]);
});

test.each`
  soFar                    | then                                     | attempt
  ${'sent'}                | ${[]}                                    | ${{ ...unstarted, ...open }}
  ${'sent twice'}          | ${[redispatched]}                        | ${{ ...unstarted, ...open, deliveries: 2 }}
  ${'running'}             | ${[started()]}                           | ${{ startedAt: at(2), executorId: 'x1', ...open }}
  ${'asked to stop'}       | ${[started(), abortRequested]}           | ${{ startedAt: at(2), executorId: 'x1', ...open }}
  ${'succeeded'}           | ${[started(), succeeded]}                | ${{ startedAt: at(2), executorId: 'x1', endedAt: at(3), ended: 'succeeded', error: null }}
  ${'stopped'}             | ${[started(), aborted]}                  | ${{ startedAt: at(2), executorId: 'x1', endedAt: at(3), ended: 'aborted', error: null }}
  ${'failed, then failed'} | ${[started(), attemptFailed(1), failed]} | ${{ startedAt: at(2), executorId: 'x1', endedAt: at(3), ended: 'reported', error: boom }}
  ${'never delivered'}     | ${[undeliverable, failed]}               | ${{ ...unstarted, endedAt: at(2), ended: 'undeliverable', error: boom }}
  ${'moved'}               | ${[rescheduled(t(60))]}                  | ${{ ...unstarted, endedAt: at(2), ended: 'withdrawn', error: null }}
  ${'cancelled'}           | ${[cancelled]}                           | ${{ ...unstarted, endedAt: at(2), ended: 'withdrawn', error: null }}
  ${'expired'}             | ${[expired]}                             | ${{ ...unstarted, endedAt: at(2), ended: 'expired', error: null }}
`(
  'an attempt that was $soFar is told with when it began and how it ended',
  ({ then, attempt }: { then: readonly JobEvent[]; attempt: object }) => {
    expect(attemptsAfter(scheduled(), dispatched(), ...then)).toEqual([{ ...sent, ...attempt }]);
  },
);

test('retries have numbers of their own, and a redriven job begins at one again', () => {
  const attempts = attemptsAfter(
    ...[scheduled(), dispatched(), started(), attemptFailed(1, t(60))],
    ...[dispatched(2, t(60)), started(2), attemptFailed(2), failed],
    ...[redriven, dispatched(1, t(80)), started(1, 'x2')],
  );
  expect(
    attempts.map(({ attempt, dueAt, executorId, ended }) => [attempt, dueAt, executorId, ended]),
  ).toEqual([
    [1, at(50), 'x1', 'reported'],
    [2, at(60), 'x1', 'reported'],
    [1, at(80), 'x2', null],
  ]);
});

test('a stop that comes when the attempt has failed already leaves how it ended', () => {
  const [attempt] = attemptsAfter(scheduled(), dispatched(), started(), attemptFailed(1), aborted);
  expect(attempt).toMatchObject({ ended: 'reported', endedAt: at(3) });
});
