import { JobHistoryGone, JobUnreadable } from '../../commands/job-stream';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  type RefusedBecause,
} from '../../domain/event-log';
import { SharesUnreadable } from '../../commands/set-shares';
import { EventTooNew } from '../../domain/events/upcast';
import { TooManyJobs } from '../../projections/queries/past/past-fold';
import type { Refusal } from './problem';
import type { ProblemCode } from './problem-catalogue';

/** A query that took longer than a request may take. */
export class QueryTimedOut extends Error {
  override readonly name = 'QueryTimedOut';
}

/** A list of the past that took longer to fold than a request may take. */
export class PastTimedOut extends Error {
  override readonly name = 'PastTimedOut';
}

/** Seconds after which it is worth asking again. */
export const RETRY_AFTER = { 'Retry-After': '1' } as const;

const codeOfRefusal = {
  'access-denied': 'event-log-refuses',
  'too-large': 'event-too-large',
} as const satisfies Record<RefusedBecause, ProblemCode>;

const goneJob = ({ firstRevision }: JobHistoryGone): Refusal => ({
  code: 'job-history-gone',
  ...(firstRevision !== undefined && { members: { firstRevision: Number(firstRevision) } }),
});

/** What a throw means to the caller; undefined for a bug, of which callers learn nothing. */
export const refusalOfFailure = (
  error: unknown,
  isOutage: (error: unknown) => boolean,
): Refusal | undefined => {
  if (error instanceof EventLogUnavailable)
    return { code: 'event-log-unavailable', headers: RETRY_AFTER };
  if (error instanceof EventLogRefused) return { code: codeOfRefusal[error.because] };
  if (error instanceof AppendOutcomeUnknown)
    return { code: 'outcome-unknown', headers: RETRY_AFTER };
  if (error instanceof SharesUnreadable) return { code: 'shares-unreadable' };
  if (error instanceof EventTooNew) return { code: 'event-too-new', headers: RETRY_AFTER };
  if (error instanceof JobHistoryGone) return goneJob(error);
  if (error instanceof JobUnreadable) return { code: 'job-unreadable' };
  if (error instanceof TooManyJobs) return { code: 'as-of-too-wide' };
  if (error instanceof PastTimedOut) return { code: 'as-of-timed-out', headers: RETRY_AFTER };
  if (error instanceof QueryTimedOut || isOutage(error))
    return { code: 'read-model-unavailable', headers: RETRY_AFTER };
  return undefined;
};

const FOR_OPERATORS: ReadonlySet<string> = new Set([
  'event-log-refuses',
  'event-too-new',
  'job-unreadable',
  'shares-unreadable',
]);

/** Whether an operator has to know which request met it: a bug, or events that this build cannot read. */
export const isForOperators = (refusal: Refusal | undefined): boolean =>
  refusal === undefined || FOR_OPERATORS.has(refusal.code);
