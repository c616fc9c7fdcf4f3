import type { JobStatus } from '../job/state';
import type { Instant } from '../time';

/**
 * Where a job stands. `attempt-ended` lies between a JobAttemptFailed without another try and the JobFailed
 * or JobAborted that comes with it; everybody else calls that `running`.
 */
export type TraceStatus = JobStatus | 'none' | 'attempt-ended';

/** In the order of their codes in a table. */
export const traceStatuses: readonly TraceStatus[] = [
  ...(['none', 'scheduled', 'queued', 'running', 'attempt-ended'] as const),
  ...(['succeeded', 'failed', 'cancelled', 'expired', 'aborted'] as const),
];

/** What verify remembers of a job; NaN is a time or a digest that is not there. Mutable: there are millions. */
export type JobTrace = {
  status: TraceStatus;
  /** Place of its last event. */
  revision: number;
  position: number;
  lastType: string;
  dueAt: Instant;
  /** The attempt under way or to come. */
  attempt: number;
  maxAttempts: number;
  /** The highest attempt that started since the job was scheduled or redriven; 0 before. */
  startedAttempt: number;
  /** How often the attempt was sent; 0 when it was not. */
  delivery: number;
  isAbortRequested: boolean;
  /** Its first events are not there: what follows is believed, and what they said is not known. */
  isHeadless: boolean;
  scheduledAt: Instant;
  dispatchedAt: Instant;
  sentAt: Instant;
  startedAt: Instant;
  finishedAt: Instant;
  timeoutMs: number;
  maxLatenessMs: number;
  /** Number of the account of its day and owner; -1 when it was scheduled before the window. */
  account: number;
  /** Digests of what rows are compared by. */
  definition: number;
  executor: number;
  result: number;
  error: number;
};

export const emptyTrace = (): JobTrace => ({
  status: 'none',
  revision: -1,
  position: -1,
  lastType: '',
  dueAt: Number.NaN,
  attempt: 0,
  maxAttempts: 0,
  startedAttempt: 0,
  delivery: 0,
  isAbortRequested: false,
  isHeadless: false,
  scheduledAt: Number.NaN,
  dispatchedAt: Number.NaN,
  sentAt: Number.NaN,
  startedAt: Number.NaN,
  finishedAt: Number.NaN,
  timeoutMs: 0,
  maxLatenessMs: Number.NaN,
  account: -1,
  definition: Number.NaN,
  executor: Number.NaN,
  result: Number.NaN,
  error: Number.NaN,
});

/** A status as answers and read models show it. */
export const shownStatus = (status: TraceStatus): string =>
  status === 'attempt-ended' ? 'running' : status;
