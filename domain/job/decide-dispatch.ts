import { accept, reject } from '../decider';
import { toTimestamp, type Instant } from '../time';
import type { DispatchJob, RedispatchJob } from './commands';
import type { JobDecision } from './decision';
import type { JobDefinition } from './events';
import type { JobState } from './state';

/** What a dispatch needs to know of a scheduled job: a read-model row that carries its revision has it all. */
export type DueFacts = {
  readonly dueAt: Instant;
  readonly attempt: number;
  readonly definition: Pick<JobDefinition, 'maxLatenessMs'>;
};

export const isExpired = (
  at: Instant,
  { dueAt, definition: { maxLatenessMs } }: DueFacts,
): boolean => maxLatenessMs !== undefined && at > dueAt + maxLatenessMs;

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

/** Dispatches by the folded state, when it is still what the command was given for. */
export const decideDispatch = (
  { at, attempt, dueAt }: DispatchJob,
  state: JobState,
): JobDecision => {
  const isCurrent =
    state.status === 'scheduled' && state.attempt === attempt && state.dueAt === dueAt;
  return isCurrent ? decideDue(at, state) : reject({ code: 'dispatch-superseded' });
};

export const decideRedispatch = (
  { at, attempt, delivery }: RedispatchJob,
  state: JobState,
): JobDecision => {
  const isCurrent =
    state.status === 'queued' && state.attempt === attempt && state.delivery === delivery;
  if (!isCurrent) return reject({ code: 'dispatch-superseded' });
  if (isExpired(at, state)) return expired(state);
  return accept({ type: 'JobRedispatched', data: { attempt, delivery: delivery + 1 } });
};

export const decideExpire = (at: Instant, state: JobState): JobDecision => {
  const isWaiting = state.status === 'scheduled' || state.status === 'queued';
  return isWaiting && isExpired(at, state) ? expired(state) : accept();
};
