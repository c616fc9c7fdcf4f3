import type { JobCommand } from '../../../../domain/job/commands';
import type { JobEvent } from '../../../../domain/job/events';
import {
  attemptFailed,
  cancelled,
  definition,
  dispatched,
  failed,
  given,
  scheduled,
  started,
  succeeded,
  t,
} from '../../../support/jobs';
import { toTimestamp } from '../../../../domain/time';

const abortRequested: JobEvent = { type: 'JobAbortRequested', data: {} };
const aborted: JobEvent = { type: 'JobAborted', data: { attempt: 1 } };
const expired: JobEvent = {
  type: 'JobExpired',
  data: { dueAt: toTimestamp(t(50)), maxLatenessMs: 5_000 },
};
const run = [scheduled(), dispatched(), started()];

/** The shortest history to each status, in the order of the columns below. */
const histories: readonly (readonly [status: string, past: readonly JobEvent[]])[] = [
  ['none', []],
  ['scheduled', [scheduled()]],
  ['queued', [scheduled(), dispatched()]],
  ['running', run],
  ['succeeded', [...run, succeeded]],
  ['failed', [...run, attemptFailed(1), failed]],
  ['cancelled', [scheduled(), cancelled]],
  ['expired', [scheduled({ maxLatenessMs: 5_000 }), expired]],
  ['aborted', [...run, abortRequested, aborted]],
];

const at = t(60); // ten seconds after the due time
const ofAttempt = { at, attempt: 1, draw: 0 };
const commands: Readonly<Record<string, JobCommand>> = {
  schedule: { type: 'ScheduleJob', at, dueAt: t(90), definition },
  move: { type: 'RescheduleJob', at, dueAt: t(90) },
  runNow: { type: 'RunJobNow', at },
  cancel: { type: 'CancelJob', at },
  abort: { type: 'AbortJob', at },
  redrive: { type: 'RedriveJob', at },
  dispatch: { type: 'DispatchJob', at, attempt: 1, dueAt: t(50) },
  resend: { type: 'RedispatchJob', ...ofAttempt, delivery: 1 },
  failSend: { type: 'FailDelivery', ...ofAttempt, error: { code: 'x', message: 'x' } },
  expire: { type: 'ExpireJob', at },
  claim: { type: 'ClaimJob', at, attempt: 1, revision: 1n, executorId: 'x1' },
  report: { type: 'ReportAttempt', ...ofAttempt, token: 2n, outcome: { status: 'succeeded' } },
  timeOut: { type: 'TimeOutAttempt', ...ofAttempt, seenMs: 60_000 },
  lose: { type: 'LoseExecutor', ...ofAttempt, executorId: 'x1' },
  loseGrant: { type: 'LoseGrant', ...ofAttempt, executorId: 'x1', startedAt: t(2) },
};

/** Answers in the order of the statuses; `-` is an accepted command with nothing to record. */
const answers: Readonly<Record<string, string>> = {
  schedule:
    'JobScheduled job-exists job-exists job-exists job-exists job-exists job-exists job-exists job-exists',
  move: 'job-not-found JobRescheduled JobRescheduled job-running job-finished job-finished job-cancelled job-finished job-finished',
  runNow:
    'job-not-found - - job-running job-finished job-finished job-cancelled job-finished job-finished',
  cancel:
    'job-not-found JobCancelled JobCancelled job-running job-finished job-finished - job-finished job-finished',
  abort:
    'job-not-found job-not-running job-not-running JobAbortRequested job-finished job-finished job-cancelled job-finished job-finished',
  redrive:
    'job-not-found job-not-failed job-not-failed job-not-failed job-not-failed JobRedriven job-not-failed job-not-failed job-not-failed',
  dispatch:
    'dispatch-superseded JobDispatched dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded',
  resend:
    'dispatch-superseded dispatch-superseded JobRedispatched dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded',
  failSend:
    'dispatch-superseded dispatch-superseded JobAttemptFailed+JobFailed dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded dispatch-superseded',
  expire: '- - - - - - - - -',
  claim:
    'job-not-found dispatch-superseded JobStarted - job-finished job-finished job-cancelled job-expired job-finished',
  report:
    'job-not-found attempt-superseded attempt-superseded JobSucceeded - attempt-superseded attempt-superseded attempt-superseded attempt-superseded',
  timeOut:
    'attempt-superseded attempt-superseded attempt-superseded JobAttemptFailed attempt-superseded attempt-superseded attempt-superseded attempt-superseded attempt-superseded',
  lose: 'attempt-superseded attempt-superseded attempt-superseded JobAttemptFailed attempt-superseded attempt-superseded attempt-superseded attempt-superseded attempt-superseded',
  loseGrant:
    'attempt-superseded attempt-superseded attempt-superseded JobAttemptFailed attempt-superseded attempt-superseded attempt-superseded attempt-superseded attempt-superseded',
};

test.each(Object.entries(commands))(
  '%s has one answer in each status, so that no caller has to guess',
  (name, command) => {
    const told = histories.map(([status, past]) => {
      const decision = given(...past).when(command);
      const answer =
        decision.outcome === 'rejected'
          ? decision.rejection.code
          : decision.events.map(({ type }) => type).join('+') || '-';
      return `${status}: ${answer}`;
    });
    const columns = (answers[name] ?? '').split(' ');
    expect(told).toEqual(histories.map(([status], n) => `${status}: ${columns[n] ?? '?'}`));
  },
);

/** What an executor or a rescuer says of an attempt that is not the live one. */
const ofAnother: readonly (readonly [why: string, command: JobCommand, code: string])[] = [
  [
    'a report of another attempt, whatever its token',
    { type: 'ReportAttempt', ...ofAttempt, attempt: 2, token: 2n, outcome: { status: 'aborted' } },
    'attempt-superseded',
  ],
  [
    'a time-out of another attempt',
    { type: 'TimeOutAttempt', ...ofAttempt, attempt: 2, seenMs: 60_000 },
    'attempt-superseded',
  ],
  [
    'a loss of an executor in another attempt',
    { type: 'LoseExecutor', ...ofAttempt, attempt: 2, executorId: 'x1' },
    'attempt-superseded',
  ],
  [
    'a lost grant of another attempt',
    { type: 'LoseGrant', ...ofAttempt, attempt: 2, executorId: 'x1', startedAt: t(2) },
    'attempt-superseded',
  ],
  [
    'a lost grant of another executor',
    { type: 'LoseGrant', ...ofAttempt, executorId: 'x2', startedAt: t(2) },
    'attempt-superseded',
  ],
];

test.each(ofAnother)('%s ends nothing of the attempt that runs', (_why, command, code) => {
  expect(given(...run).when(command)).toEqual({ outcome: 'rejected', rejection: { code } });
});

const ofAnotherMessage: readonly (readonly [why: string, command: JobCommand])[] = [
  [
    'a claim for another attempt',
    { type: 'ClaimJob', at, attempt: 2, revision: 1n, executorId: 'x1' },
  ],
  [
    'a resend for another attempt',
    { type: 'RedispatchJob', ...ofAttempt, attempt: 2, delivery: 1 },
  ],
  [
    'an undeliverable message of another attempt',
    { type: 'FailDelivery', ...ofAttempt, attempt: 2, error: { code: 'x', message: 'x' } },
  ],
];

test.each(ofAnotherMessage)('%s changes nothing of the one that was sent', (_why, command) => {
  expect(given(scheduled(), dispatched()).when(command)).toEqual({
    outcome: 'rejected',
    rejection: { code: 'dispatch-superseded' },
  });
});
