import { accept, reject, type Accepted } from '../decider';
import type { CommandOf, JobDecision, ReportedOutcome } from './commands';
import { finishedProblem } from './decide-change';
import { isExpired, type DueFacts } from './decide-dispatch';
import { decideFailure } from './decide-failure';
import type { JobEvent } from './events';
import type { JobState, Queued } from './state';

/** What a claim needs to know of a dispatched job; a signed ticket carries it, so the hot path reads nothing. */
export type ClaimFacts = DueFacts & Pick<Queued, 'dispatchedAtRevision'>;

/** Starts a dispatched job for the executor whose message is the newest one. */
export const decideQueuedClaim = (
  claim: CommandOf<'ClaimJob'>,
  queued: ClaimFacts,
): JobDecision => {
  const { at, revision, attempt, executorId } = claim;
  if (revision !== queued.dispatchedAtRevision || attempt !== queued.attempt)
    return reject({ code: 'dispatch-superseded' });
  if (at < queued.dueAt) return reject({ code: 'too-early', dueAt: queued.dueAt });
  if (isExpired(at, queued)) return reject({ code: 'job-expired' });
  return accept({ type: 'JobStarted', data: { attempt, executorId } });
};

export const decideClaim = (claim: CommandOf<'ClaimJob'>, state: JobState): JobDecision => {
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
    default:
      return reject(finishedProblem(state));
  }
};

/** A success of the live attempt. Needs no state: the token is the fence. */
export const decideSuccess = (
  attempt: number,
  { result }: Extract<ReportedOutcome, { status: 'succeeded' }>,
): Accepted<JobEvent> =>
  accept({ type: 'JobSucceeded', data: { attempt, ...(result !== undefined && { result }) } });

export const decideReport = (report: CommandOf<'ReportAttempt'>, state: JobState): JobDecision => {
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

export const decideTimeOut = (
  { at, attempt, seenMs, draw }: CommandOf<'TimeOutAttempt'>,
  state: JobState,
): JobDecision => {
  if (state.status !== 'running' || state.attempt !== attempt)
    return reject({ code: 'attempt-superseded' });
  const { timeoutMs } = state.definition;
  if (seenMs < timeoutMs) return reject({ code: 'too-early', dueAt: at + timeoutMs - seenMs });
  const error = {
    code: 'timed-out',
    message: `no report within ${timeoutMs} ms of the start`,
  };
  return decideFailure(state, { at, draw, cause: 'timed-out', error, seenMs, retryable: true });
};

export const decideLoss = (
  { at, attempt, executorId, draw }: CommandOf<'LoseExecutor'>,
  state: JobState,
): JobDecision => {
  const isHis =
    state.status === 'running' && state.attempt === attempt && state.executorId === executorId;
  if (!isHis) return reject({ code: 'attempt-superseded' });
  const error = { code: 'executor-lost', message: `executor ${executorId} stopped beating` };
  return decideFailure(state, { at, draw, cause: 'executor-lost', error, retryable: true });
};

export const decideLostGrant = (
  { at, attempt, executorId, startedAt, draw }: CommandOf<'LoseGrant'>,
  state: JobState,
): JobDecision => {
  const isThatGrant =
    state.status === 'running' &&
    state.attempt === attempt &&
    state.executorId === executorId &&
    state.startedAt === startedAt;
  if (!isThatGrant) return reject({ code: 'attempt-superseded' });
  const message = `the claim was granted to executor ${executorId}, which never learned of it`;
  const error = { code: 'grant-lost', message };
  return decideFailure(state, { at, draw, cause: 'executor-lost', error, retryable: true });
};
