import { accept, reject, type Decider, type Decision } from '../decider';
import { toTimestamp, type Instant } from '../time';
import type { ClaimJob, JobCommand, JobRejection, ReportAttempt, ScheduleJob } from './commands';
import { decideFailure } from './decide-failure';
import type { JobDefinition, JobEvent, JobFact } from './events';
import { DUE_GRACE_MS, furthestDueAt } from './limits';
import { evolve, initial, type Finished, type JobState, type KnownJob, type Queued } from './state';

export type JobDecision = Decision<JobEvent, JobRejection>;

const withReason = (reason: string | undefined): { readonly reason?: string } =>
  reason === undefined ? {} : { reason };

const dueProblem = (at: Instant, dueAt: Instant): JobRejection | undefined => {
  if (dueAt < at - DUE_GRACE_MS) return { code: 'due-in-past' };
  if (dueAt > furthestDueAt(at)) return { code: 'due-too-far' };
  return undefined;
};

const decideSchedule = ({ at, definition, dueAt }: ScheduleJob, state: JobState): JobDecision => {
  if (state.status !== 'none') return reject({ code: 'job-exists' });
  const problem = dueProblem(at, dueAt);
  if (problem) return reject(problem);
  return accept({
    type: 'JobScheduled',
    data: { ...definition, dueAt: toTimestamp(Math.max(at, dueAt)) },
  });
};

const cutoffPassed = (at: Instant, { definition: { cutoffMs }, dueAt }: KnownJob): boolean =>
  cutoffMs > 0 && dueAt - at < cutoffMs;

const finishedProblem = ({ status }: Finished): JobRejection =>
  status === 'cancelled' ? { code: 'job-cancelled' } : { code: 'job-finished' };

/** A change is the user's right until the job starts, the cut-off aside; undefined means go on. */
const changeProblem = (at: Instant, state: JobState): JobRejection | undefined => {
  switch (state.status) {
    case 'none':
      return { code: 'job-not-found' };
    case 'running':
      return { code: 'job-running' };
    case 'scheduled':
    case 'queued':
      return cutoffPassed(at, state)
        ? { code: 'cutoff-passed', cutoffMs: state.definition.cutoffMs }
        : undefined;
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'aborted':
      return finishedProblem(state);
  }
};

const moveTo = (
  at: Instant,
  dueAt: Instant,
  reason: string | undefined,
  state: JobState,
): JobDecision => {
  const isMovable = state.status === 'scheduled' || state.status === 'queued';
  const nextDueAt = Math.max(at, dueAt);
  if (isMovable && (dueAt === state.dueAt || nextDueAt === state.dueAt)) return accept();
  const problem = changeProblem(at, state) ?? dueProblem(at, dueAt);
  if (problem || state.status === 'none') return reject(problem ?? { code: 'job-not-found' });
  return accept({
    type: 'JobRescheduled',
    data: {
      dueAt: toTimestamp(nextDueAt),
      previousDueAt: toTimestamp(state.dueAt),
      ...withReason(reason),
    },
  });
};

const decideRunNow = (at: Instant, reason: string | undefined, state: JobState): JobDecision => {
  const isUnderWay =
    state.status === 'queued' || (state.status === 'scheduled' && state.dueAt <= at);
  return isUnderWay ? accept() : moveTo(at, at, reason, state);
};

const decideCancel = (at: Instant, reason: string | undefined, state: JobState): JobDecision => {
  if (state.status === 'cancelled') return accept();
  const problem = changeProblem(at, state);
  if (problem || state.status === 'none') return reject(problem ?? { code: 'job-not-found' });
  return accept({
    type: 'JobCancelled',
    data: { dueAt: toTimestamp(state.dueAt), ...withReason(reason) },
  });
};

const decideAbort = (reason: string | undefined, state: JobState): JobDecision => {
  switch (state.status) {
    case 'none':
      return reject({ code: 'job-not-found' });
    case 'scheduled':
    case 'queued':
      return reject({ code: 'job-not-running' });
    case 'running':
      return state.abortRequested
        ? accept()
        : accept({ type: 'JobAbortRequested', data: withReason(reason) });
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'aborted':
      return reject(finishedProblem(state));
  }
};

const decideRedrive = (at: Instant, state: JobState): JobDecision => {
  if (state.status === 'none') return reject({ code: 'job-not-found' });
  if (state.status !== 'failed') return reject({ code: 'job-not-failed' });
  return accept({ type: 'JobRedriven', data: { dueAt: toTimestamp(at) } });
};

/** What a dispatch needs to know of a scheduled job: a read-model row that carries its revision has it all. */
export type DueFacts = {
  readonly dueAt: Instant;
  readonly attempt: number;
  readonly definition: Pick<JobDefinition, 'maxLatenessMs'>;
};

const isExpired = (at: Instant, { dueAt, definition: { maxLatenessMs } }: DueFacts): boolean =>
  maxLatenessMs !== undefined && at > dueAt + maxLatenessMs;

const expired = ({ dueAt, definition: { maxLatenessMs } }: DueFacts): JobDecision =>
  maxLatenessMs === undefined
    ? accept()
    : accept({ type: 'JobExpired', data: { dueAt: toTimestamp(dueAt), maxLatenessMs } });

/**
 * Dispatches a scheduled job that is due, or lets it expire when it is later than it may be. Takes a
 * row instead of a folded state, so that the hot path decides by the same rule without a read.
 */
export const decideDue = (at: Instant, due: DueFacts): JobDecision => {
  if (at < due.dueAt) return reject({ code: 'too-early', dueAt: due.dueAt });
  if (isExpired(at, due)) return expired(due);
  return accept({
    type: 'JobDispatched',
    data: { attempt: due.attempt, dueAt: toTimestamp(due.dueAt) },
  });
};

/** What a claim needs to know of a dispatched job; a sealed ticket carries it, so the hot path reads nothing. */
export type ClaimFacts = DueFacts & Pick<Queued, 'dispatchedAtRevision'>;

/** Starts a dispatched job for the executor whose message is the newest one. */
export const decideQueuedClaim = (claim: ClaimJob, queued: ClaimFacts): JobDecision => {
  const { at, revision, attempt, executorId } = claim;
  if (revision !== queued.dispatchedAtRevision || attempt !== queued.attempt)
    return reject({ code: 'dispatch-superseded' });
  if (at < queued.dueAt) return reject({ code: 'too-early', dueAt: queued.dueAt });
  if (isExpired(at, queued)) return reject({ code: 'job-expired' });
  return accept({ type: 'JobStarted', data: { attempt, executorId } });
};

const decideClaim = (claim: ClaimJob, state: JobState): JobDecision => {
  switch (state.status) {
    case 'none':
      return reject({ code: 'job-not-found' });
    case 'scheduled': // a message from before a reschedule or a retry
      return reject({ code: 'dispatch-superseded' });
    case 'queued':
      return decideQueuedClaim(claim, state);
    case 'running': {
      // the same claim again: the answer got lost, the executor asks once more
      const isSame =
        state.executorId === claim.executorId && state.dispatchedAtRevision === claim.revision;
      return isSame ? accept() : reject({ code: 'job-running' });
    }
    case 'expired':
      return reject({ code: 'job-expired' });
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'aborted':
      return reject(finishedProblem(state));
  }
};

const decideReport = (report: ReportAttempt, state: JobState): JobDecision => {
  if (state.status === 'none') return reject({ code: 'job-not-found' });
  const { attempt, token, outcome, at, draw } = report;
  if (state.status !== 'running' || state.token !== token || state.attempt !== attempt) {
    const ended = state.endedAttempt;
    const outcomeName = outcome.status === 'failed' ? 'reported' : outcome.status;
    const isRepeat =
      ended?.token === token && ended.attempt === attempt && ended.outcome === outcomeName;
    return isRepeat ? accept() : reject({ code: 'attempt-superseded' });
  }
  switch (outcome.status) {
    case 'succeeded':
      return decideSuccess(attempt, outcome);
    case 'aborted':
      return accept({ type: 'JobAborted', data: { attempt } });
    case 'failed':
      return decideFailure(state, {
        at,
        draw,
        cause: 'reported',
        error: outcome.error,
        retryable: outcome.retryable ?? true,
      });
  }
};

/** A success of the live attempt. Needs no state: the token is the fence. */
export const decideSuccess = (
  attempt: number,
  { result }: Extract<ReportAttempt['outcome'], { status: 'succeeded' }>,
): JobDecision =>
  accept({ type: 'JobSucceeded', data: { attempt, ...(result !== undefined && { result }) } });

const decideTimeOut = (
  at: Instant,
  attempt: number,
  draw: number,
  state: JobState,
): JobDecision => {
  if (state.status !== 'running' || state.attempt !== attempt)
    return reject({ code: 'attempt-superseded' });
  const deadlineAt = state.startedAt + state.definition.timeoutMs;
  if (at < deadlineAt) return reject({ code: 'too-early', dueAt: deadlineAt });
  const error = {
    code: 'timed-out',
    message: `no report within ${state.definition.timeoutMs} ms of the start`,
  };
  return decideFailure(state, { at, draw, cause: 'timed-out', error, retryable: true });
};

export const decide = (command: JobCommand, state: JobState): JobDecision => {
  const { at } = command;
  switch (command.type) {
    case 'ScheduleJob':
      return decideSchedule(command, state);
    case 'RescheduleJob':
      return moveTo(at, command.dueAt, command.reason, state);
    case 'RunJobNow':
      return decideRunNow(at, command.reason, state);
    case 'CancelJob':
      return decideCancel(at, command.reason, state);
    case 'AbortJob':
      return decideAbort(command.reason, state);
    case 'RedriveJob':
      return decideRedrive(at, state);
    case 'DispatchJob': {
      const isCurrent =
        state.status === 'scheduled' &&
        state.attempt === command.attempt &&
        state.dueAt === command.dueAt;
      return isCurrent ? decideDue(at, state) : reject({ code: 'dispatch-superseded' });
    }
    case 'RedispatchJob': {
      const isCurrent =
        state.status === 'queued' &&
        state.attempt === command.attempt &&
        state.delivery === command.delivery;
      if (!isCurrent) return reject({ code: 'dispatch-superseded' });
      if (isExpired(at, state)) return expired(state);
      const { attempt, delivery } = command;
      return accept({ type: 'JobRedispatched', data: { attempt, delivery: delivery + 1 } });
    }
    case 'ExpireJob': {
      const isWaiting = state.status === 'scheduled' || state.status === 'queued';
      return isWaiting && isExpired(at, state) ? expired(state) : accept();
    }
    case 'ClaimJob':
      return decideClaim(command, state);
    case 'ReportAttempt':
      return decideReport(command, state);
    case 'TimeOutAttempt':
      return decideTimeOut(at, command.attempt, command.draw, state);
    case 'LoseExecutor': {
      const isHis =
        state.status === 'running' &&
        state.attempt === command.attempt &&
        state.executorId === command.executorId;
      if (!isHis) return reject({ code: 'attempt-superseded' });
      const message = `executor ${command.executorId} stopped beating`;
      const error = { code: 'executor-lost', message };
      return decideFailure(state, {
        at,
        draw: command.draw,
        cause: 'executor-lost',
        error,
        retryable: true,
      });
    }
  }
};

export const job: Decider<JobState, JobCommand, JobEvent, JobFact, JobRejection> = {
  initial,
  decide,
  evolve,
};
