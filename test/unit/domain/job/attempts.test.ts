import type { JobCommand, ReportedOutcome } from '../../../../domain/job/commands';
import type { JobEvent } from '../../../../domain/job/events';
import { retryDelayMs } from '../../../../domain/job/retry';
import { latenessMs } from '../../../../domain/job/state';
import { toTimestamp } from '../../../../domain/time';
import {
  attemptFailed,
  dispatched,
  failed,
  given,
  rescheduled,
  scheduled,
  started,
  stateAfter,
  succeeded,
  t,
} from '../../../support/jobs';

const running = [scheduled(), dispatched(), started()] as const;
const claim = (revision: bigint, at = t(51), executorId = 'x1'): JobCommand => ({
  type: 'ClaimJob',
  at,
  attempt: 1,
  revision,
  executorId,
});
const report = (outcome: ReportedOutcome, token = 2n, attempt = 1): JobCommand => ({
  type: 'ReportAttempt',
  at: t(60),
  attempt,
  token,
  outcome,
  draw: 0,
});
const failure: ReportedOutcome = { status: 'failed', error: { code: 'boom', message: 'it broke' } };
const refusal = (code: string) => ({ outcome: 'rejected', rejection: { code } });
const nothing = { outcome: 'accepted', events: [] };

describe('a claim', () => {
  test('starts a dispatched job for whoever has its newest message', () => {
    expect(given(scheduled(), dispatched()).when(claim(1n))).toEqual({
      outcome: 'accepted',
      events: [started()],
    });
  });

  test('is refused before the due time, with the time to come back at: a clock may be wrong, a job never early', () => {
    expect(given(scheduled(), dispatched()).when(claim(1n, t(49)))).toEqual({
      outcome: 'rejected',
      rejection: { code: 'too-early', dueAt: t(50) },
    });
  });

  test('asked again by the same executor is granted again, for its answer may have got lost', () => {
    expect(given(...running).when(claim(1n))).toEqual(nothing);
  });

  test('is granted at the very due time', () => {
    expect(given(scheduled(), dispatched()).when(claim(1n, t(50)))).toMatchObject({
      events: [{ type: 'JobStarted' }],
    });
  });

  test('by the same executor with another message than it started by is refused: one of the two would run beside it', () => {
    expect(given(...running).when(claim(0n))).toEqual(refusal('job-running'));
  });

  test('by a second executor is refused: somebody is at it', () => {
    expect(given(...running).when(claim(1n, t(51), 'x2'))).toEqual(refusal('job-running'));
  });

  test('with the message that was sent again is the only one that holds', () => {
    const resent = { type: 'JobRedispatched', data: { attempt: 1, delivery: 2 } } as const;
    expect(given(scheduled(), dispatched(), resent).when(claim(1n))).toEqual(
      refusal('dispatch-superseded'),
    );
    expect(given(scheduled(), dispatched(), resent).when(claim(2n))).toMatchObject({
      outcome: 'accepted',
    });
  });

  test('of a job that has expired is refused for that very reason', () => {
    const expired = { type: 'JobExpired', data: { dueAt: toTimestamp(t(50)), maxLatenessMs: 1 } };
    expect(given(scheduled({ maxLatenessMs: 1 }), expired as JobEvent).when(claim(1n))).toEqual(
      refusal('job-expired'),
    );
  });

  test('later than the job may be is refused, and the job can only expire', () => {
    const late = [scheduled({ maxLatenessMs: 5_000 }), dispatched()] as const;
    expect(given(...late).when(claim(1n, t(56)))).toEqual(refusal('job-expired'));
    expect(given(...late).when({ type: 'ExpireJob', at: t(56) })).toMatchObject({
      events: [{ type: 'JobExpired', data: { maxLatenessMs: 5_000 } }],
    });
    expect(given(...late).when({ type: 'ExpireJob', at: t(55) })).toEqual(nothing);
  });
});

describe('a report', () => {
  test('of success ends the job and keeps the result', () => {
    expect(given(...running).when(report({ status: 'succeeded', result: { paid: true } }))).toEqual(
      {
        outcome: 'accepted',
        events: [{ type: 'JobSucceeded', data: { attempt: 1, result: { paid: true } } }],
      },
    );
  });

  test('of success without a result says nothing of one, so that null stays a result', () => {
    expect(given(...running).when(report({ status: 'succeeded' }))).toStrictEqual({
      outcome: 'accepted',
      events: [{ type: 'JobSucceeded', data: { attempt: 1 } }],
    });
  });

  test('of failure says nothing of how long the attempt was seen: the rescuer alone has seen it', () => {
    const decision = given(...running).when(report(failure));
    expect(decision.outcome === 'accepted' && decision.events).toStrictEqual([
      attemptFailed(1, t(61)),
    ]);
  });

  test('that comes twice is accepted once, also when an abort had been asked for in between', () => {
    const asked = { type: 'JobAbortRequested', data: {} } as const;
    const aborted = { type: 'JobAborted', data: { attempt: 1 } } as const;
    expect(given(...running, asked, attemptFailed(1), aborted).when(report(failure))).toEqual(
      nothing,
    );
  });

  test('with the right token and another attempt is no repeat', () => {
    expect(given(...running, succeeded).when(report({ status: 'succeeded' }, 2n, 2))).toEqual(
      refusal('attempt-superseded'),
    );
  });

  test('that comes twice is accepted once', () => {
    expect(given(...running, succeeded).when(report({ status: 'succeeded' }))).toEqual(nothing);
    expect(given(...running, attemptFailed(1, t(61))).when(report(failure))).toEqual(nothing);
  });

  test('that contradicts the first is refused', () => {
    expect(given(...running, succeeded).when(report(failure))).toEqual(
      refusal('attempt-superseded'),
    );
  });

  test('of the attempt that runs with the token of an earlier one is refused: after a redrive both are the first', () => {
    const redriven = { type: 'JobRedriven', data: { dueAt: toTimestamp(t(99)) } } as const;
    const again = [dispatched(1, t(99)), started()] as const;
    const dead = [...running, attemptFailed(1), failed] as const;
    const outcomes = [{ status: 'succeeded' }, failure, { status: 'aborted' }] as const;
    for (const outcome of outcomes)
      expect(given(...dead, redriven, ...again).when(report(outcome, 3n))).toEqual(
        refusal('attempt-superseded'),
      );
  });

  test('of a zombie is refused: its attempt was given up, another may be running', () => {
    const again = [...running, attemptFailed(1, t(61)), dispatched(2, t(61)), started(2)] as const;
    expect(given(...again).when(report({ status: 'succeeded' }))).toEqual(
      refusal('attempt-superseded'),
    );
  });

  test('of failure leads to another attempt after the delay of the policy', () => {
    expect(given(...running).when(report(failure))).toEqual({
      outcome: 'accepted',
      events: [attemptFailed(1, t(61))],
    });
  });

  test('of the last failure makes a dead letter', () => {
    const once = [
      scheduled({ retry: { maxAttempts: 1, initialDelayMs: 1, maxDelayMs: 1, factor: 1 } }),
      dispatched(),
      started(),
    ] as const;
    expect(given(...once).when(report(failure))).toMatchObject({
      events: [{ type: 'JobAttemptFailed' }, { type: 'JobFailed', data: { attempts: 1 } }],
    });
  });

  test('that says a retry is pointless is believed', () => {
    expect(given(...running).when(report({ ...failure, retryable: false }))).toMatchObject({
      events: [{ type: 'JobAttemptFailed' }, { type: 'JobFailed' }],
    });
  });

  test('of failure after an abort request aborts the job: the user wanted no more of it', () => {
    const asked = { type: 'JobAbortRequested', data: {} } as const;
    expect(given(...running, asked).when(report(failure))).toMatchObject({
      events: [{ type: 'JobAttemptFailed' }, { type: 'JobAborted' }],
    });
    expect(given(...running, asked).when(report({ status: 'aborted' }))).toEqual({
      outcome: 'accepted',
      events: [{ type: 'JobAborted', data: { attempt: 1 } }],
    });
  });
});

describe('what nobody reported', () => {
  const timeOut = (seenMs: number, at = t(4)): JobCommand => ({
    ...{ type: 'TimeOutAttempt', at, attempt: 1, seenMs, draw: 0 },
  });
  const lose = (executorId: string): JobCommand => ({
    type: 'LoseExecutor',
    at: t(60),
    attempt: 1,
    executorId,
    draw: 0,
  });

  test('times out when timeoutMs were seen to pass, not before and whatever the clock says', () => {
    expect(given(...running).when(timeOut(60_000))).toMatchObject({
      events: [
        {
          type: 'JobAttemptFailed',
          data: {
            cause: 'timed-out',
            seenMs: 60_000,
            error: { code: 'timed-out', message: 'no report within 60000 ms of the start' },
          },
        },
      ],
    });
    expect(given(...running).when(timeOut(59_999, t(2) + 3_600_000))).toEqual({
      outcome: 'rejected',
      rejection: { code: 'too-early', dueAt: t(2) + 3_600_000 + 1 }, // when to look again
    });
  });

  test('is given up when its executor is lost, and only that executor’s', () => {
    expect(given(...running).when(lose('x1'))).toMatchObject({
      events: [
        {
          type: 'JobAttemptFailed',
          data: { cause: 'executor-lost', error: { code: 'executor-lost' } },
        },
      ],
    });
    expect(given(...running).when(lose('x2'))).toEqual(refusal('attempt-superseded'));
  });

  test('is given up when its grant never reached its executor, and only that very grant', () => {
    const loseGrant = (startedAt: number): JobCommand => ({
      type: 'LoseGrant',
      at: t(60),
      attempt: 1,
      executorId: 'x1',
      startedAt,
      draw: 0,
    });
    expect(given(...running).when(loseGrant(t(2)))).toMatchObject({
      events: [{ data: { cause: 'executor-lost', error: { code: 'grant-lost' } } }],
    });
    expect(given(...running).when(loseGrant(t(1)))).toEqual(refusal('attempt-superseded'));
  });

  test('is sent again once per lost delivery', () => {
    const resend = (delivery: number): JobCommand => ({
      type: 'RedispatchJob',
      at: t(80),
      attempt: 1,
      draw: 0,
      delivery,
    });
    const resent = { type: 'JobRedispatched', data: { attempt: 1, delivery: 2 } } as const;
    expect(given(scheduled(), dispatched()).when(resend(1))).toEqual({
      outcome: 'accepted',
      events: [resent],
    });
    expect(given(scheduled(), dispatched(), resent).when(resend(1))).toEqual(
      refusal('dispatch-superseded'),
    );
  });
});

describe('a message that never brings a start', () => {
  const queued = [scheduled(), dispatched()] as const;
  const resend: JobCommand = {
    ...{ type: 'RedispatchJob', at: t(80), attempt: 1, delivery: 1, draw: 0 },
    maxDeliveries: 1,
  };
  const fail: JobCommand = {
    ...{ type: 'FailDelivery', at: t(80), attempt: 1, draw: 0 },
    error: { code: 'message-too-large', message: 'too large' },
  };

  test('ends its attempt once it was sent often enough, and the policy decides on another one', () => {
    const ended = given(...queued).when(resend);
    expect(ended).toMatchObject({
      events: [
        {
          type: 'JobAttemptFailed',
          data: { cause: 'undeliverable', error: { code: 'too-many-deliveries' }, attempt: 1 },
        },
      ],
    });
    const events = ended.outcome === 'accepted' ? ended.events : [];
    expect(given(...queued, ...events).when({ type: 'CancelJob', at: t(80) })).toMatchObject({
      events: [{ type: 'JobCancelled' }], // it waits for its retry
    });
  });

  test('that no broker takes ends its job: another try would be of no use', () => {
    const ended = given(...queued).when(fail);
    expect(ended).toMatchObject({
      events: [
        { data: { cause: 'undeliverable', error: { code: 'message-too-large' } } },
        { type: 'JobFailed' },
      ],
    });
    const events = ended.outcome === 'accepted' ? ended.events : [];
    expect(given(...queued, ...events).when({ type: 'RedriveJob', at: t(99) })).toMatchObject({
      events: [{ type: 'JobRedriven' }],
    });
  });

  test('changes nothing of a job that has started, or was moved', () => {
    expect(given(...running).when(fail)).toEqual(refusal('dispatch-superseded'));
    expect(given(scheduled()).when(fail)).toEqual(refusal('dispatch-superseded'));
  });
});

test('a dead letter can be redriven, at once and with its attempts counted afresh', () => {
  const dead = [...running, attemptFailed(1), failed] as const;
  expect(given(...dead).when({ type: 'RedriveJob', at: t(99) })).toEqual({
    outcome: 'accepted',
    events: [{ type: 'JobRedriven', data: { dueAt: '2026-11-23T12:01:39.000Z' } }],
  });
  expect(given(...running, succeeded).when({ type: 'RedriveJob', at: t(99) })).toEqual(
    refusal('job-not-failed'),
  );
  const redriven = { type: 'JobRedriven', data: { dueAt: '2026-11-23T12:01:39.000Z' } } as const;
  expect(stateAfter(...dead, redriven)).toMatchObject({ status: 'scheduled', attempt: 1 });
});

test('run-now moves a waiting job to the present and leaves one alone that is on its way', () => {
  const now = (at: number): JobCommand => ({ type: 'RunJobNow', at });
  expect(given(scheduled()).when(now(t(10)))).toEqual({
    outcome: 'accepted',
    events: [rescheduled(t(10))],
  });
  expect(given(scheduled(), dispatched()).when(now(t(51)))).toEqual(nothing);
  expect(given(...running).when(now(t(51)))).toEqual(refusal('job-running'));
});

test('a dispatch happens at the due time, not before, and not for another due time or attempt', () => {
  const dispatch = (at: number, dueAt = t(50), attempt = 1): JobCommand => ({
    type: 'DispatchJob',
    at,
    dueAt,
    attempt,
  });
  expect(given(scheduled()).when(dispatch(t(50)))).toEqual({
    outcome: 'accepted',
    events: [dispatched()],
  });
  expect(given(scheduled()).when(dispatch(t(50) - 1))).toMatchObject({
    rejection: { code: 'too-early' },
  });
  expect(given(scheduled()).when(dispatch(t(76), t(75)))).toEqual(refusal('dispatch-superseded'));
  expect(given(scheduled()).when(dispatch(t(50), t(50), 2))).toEqual(
    refusal('dispatch-superseded'),
  );
});

test('lateness counts from the due time to the start and is never negative', () => {
  expect(stateAfter(...running)).toMatchObject({ status: 'running' });
  const late = stateAfter(scheduled({}, t(1)), dispatched(1, t(1)), started());
  expect(late.status === 'none' ? undefined : latenessMs(late)).toBe(1_000);
});

test.each`
  n     | draw        | delay     | why
  ${1}  | ${0}        | ${1_000}  | ${'the first retry waits the initial delay'}
  ${3}  | ${0}        | ${4_000}  | ${'it doubles with each attempt'}
  ${3}  | ${0.999999} | ${3_601}  | ${'chance takes away a tenth at most'}
  ${99} | ${0}        | ${60_000} | ${'the cap holds, with no overflow'}
`(
  'attempt $n waits $delay ms: $why',
  ({ n, draw, delay }: { n: number; draw: number; delay: number }) => {
    const policy = { maxAttempts: 100, initialDelayMs: 1_000, maxDelayMs: 60_000, factor: 2 };
    expect(retryDelayMs(n, policy, draw)).toBe(delay);
  },
);
