import type { JobStatus } from '../job/state';
import type { Instant } from '../time';
import type { StreamTrace } from './trace-table';

/**
 * Where a job stands. `attempt-ended` lies between a JobAttemptFailed without another try and the JobFailed
 * or JobAborted that comes with it; everybody else calls that `running`.
 */
export type TraceStatus = JobStatus | 'none' | 'attempt-ended';

const open: readonly TraceStatus[] = ['none', 'scheduled', 'queued', 'running', 'attempt-ended'];

export const endStatuses: readonly TraceStatus[] = [
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'aborted',
];

/** In the order of their codes in a table. */
export const traceStatuses = [...open, ...endStatuses];

/** What verify remembers of a job; NaN is a time or a digest that is not there. */
export type JobTrace = StreamTrace & {
  status: TraceStatus;
  dueAt: Instant;
  /** The attempt under way or to come. */
  attempt: number;
  maxAttempts: number;
  /** The highest attempt that started since the job was scheduled or redriven; 0 before. */
  startedAttempt: number;
  /** How often the attempt was sent; 0 when it was not. */
  delivery: number;
  isAbortRequested: boolean;
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
  /** Of the schedule and the occurrence that it is of. */
  origin: number;
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
  origin: Number.NaN,
  executor: Number.NaN,
  result: Number.NaN,
  error: Number.NaN,
});

/** A status as answers and read models show it. */
export const shownStatus = (status: TraceStatus): string =>
  status === 'attempt-ended' ? 'running' : status;

/** Takes away what an attempt left behind, so that the next one starts clean. */
export const clean = (job: JobTrace): void => {
  job.dispatchedAt = Number.NaN;
  job.sentAt = Number.NaN;
  job.startedAt = Number.NaN;
  job.finishedAt = Number.NaN;
  job.executor = Number.NaN;
  job.result = Number.NaN;
  job.delivery = 0;
  job.isAbortRequested = false;
};

export const waitUntil = (job: JobTrace, { dueAt }: { readonly dueAt: Instant }): void => {
  clean(job);
  job.status = 'scheduled';
  job.dueAt = dueAt;
};

export const finish = (
  job: JobTrace,
  status: TraceStatus,
  { at }: { readonly at: Instant },
): void => {
  job.status = status;
  job.finishedAt = at;
};
