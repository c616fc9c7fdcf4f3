import { accept, reject } from '../decider';
import { toTimestamp, type Instant } from '../time';
import type { CommandOf, JobDecision, JobRejection } from './commands';
import { DUE_GRACE_MS, furthestDueAt } from './limits';
import type { Finished, JobState, KnownJob } from './state';

const withReason = (reason: string | undefined): { readonly reason?: string } =>
  reason === undefined ? {} : { reason };

const dueProblem = (at: Instant, dueAt: Instant): JobRejection | undefined => {
  if (dueAt < at - DUE_GRACE_MS) return { code: 'due-in-past' };
  if (dueAt > furthestDueAt(at)) return { code: 'due-too-far' };
  return undefined;
};

export const decideSchedule = (
  { at, definition, dueAt }: CommandOf<'ScheduleJob'>,
  state: JobState,
): JobDecision => {
  if (state.status !== 'none') return reject({ code: 'job-exists' });
  // of a schedule's run it was decided before when it is due, however late its job is made
  const isPlanned = definition.scheduleId !== undefined;
  const problem = isPlanned ? undefined : dueProblem(at, dueAt);
  if (problem) return reject(problem);
  return accept({
    type: 'JobScheduled',
    data: { ...definition, dueAt: toTimestamp(isPlanned ? dueAt : Math.max(at, dueAt)) },
  });
};

const cutoffPassed = (at: Instant, { definition: { cutoffMs }, dueAt }: KnownJob): boolean =>
  cutoffMs > 0 && dueAt - at < cutoffMs;

export const finishedProblem = ({ status }: Finished): JobRejection =>
  status === 'cancelled' ? { code: 'job-cancelled' } : { code: 'job-finished' };

/** A change is the user's right until the job starts, the cut-off aside; undefined means go on. */
const changeProblem = (at: Instant, state: KnownJob): JobRejection | undefined => {
  switch (state.status) {
    case 'running':
      return { code: 'job-running' };
    case 'scheduled':
    case 'queued':
      return cutoffPassed(at, state)
        ? { code: 'cutoff-passed', cutoffMs: state.definition.cutoffMs }
        : undefined;
    default:
      return finishedProblem(state);
  }
};

/** Moves the due time, until the job starts and its cut-off aside; to where it is already is no change. */
export const moveTo = (
  at: Instant,
  dueAt: Instant,
  reason: string | undefined,
  state: JobState,
): JobDecision => {
  if (state.status === 'none') return reject({ code: 'job-not-found' });
  const isMovable = state.status === 'scheduled' || state.status === 'queued';
  const nextDueAt = Math.max(at, dueAt);
  if (isMovable && (dueAt === state.dueAt || nextDueAt === state.dueAt)) return accept();
  const problem = changeProblem(at, state) ?? dueProblem(at, dueAt);
  if (problem) return reject(problem);
  return accept({
    type: 'JobRescheduled',
    data: {
      dueAt: toTimestamp(nextDueAt),
      previousDueAt: toTimestamp(state.dueAt),
      ...withReason(reason),
    },
  });
};

export const decideRunNow = (
  at: Instant,
  reason: string | undefined,
  state: JobState,
): JobDecision => {
  const isUnderWay =
    state.status === 'queued' || (state.status === 'scheduled' && state.dueAt <= at);
  return isUnderWay ? accept() : moveTo(at, at, reason, state);
};

export const decideCancel = (
  at: Instant,
  reason: string | undefined,
  state: JobState,
): JobDecision => {
  if (state.status === 'none') return reject({ code: 'job-not-found' });
  if (state.status === 'cancelled') return accept();
  const problem = changeProblem(at, state);
  if (problem) return reject(problem);
  return accept({
    type: 'JobCancelled',
    data: { dueAt: toTimestamp(state.dueAt), ...withReason(reason) },
  });
};

export const decideAbort = (reason: string | undefined, state: JobState): JobDecision => {
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
    default:
      return reject(finishedProblem(state));
  }
};

export const decideRedrive = (at: Instant, state: JobState): JobDecision => {
  if (state.status === 'none') return reject({ code: 'job-not-found' });
  if (state.status !== 'failed') return reject({ code: 'job-not-failed' });
  return accept({ type: 'JobRedriven', data: { dueAt: toTimestamp(at) } });
};
