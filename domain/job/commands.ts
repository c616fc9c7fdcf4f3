import type { Instant } from '../time';
import type { JobDefinition, JobError, Json } from './definition';

/** Every command says when it is decided (`at`): the domain has no clock. */
type Timed = { readonly at: Instant };

export type ScheduleJob = Timed & {
  readonly type: 'ScheduleJob';
  readonly definition: JobDefinition;
  readonly dueAt: Instant;
};
export type RescheduleJob = Timed & {
  readonly type: 'RescheduleJob';
  readonly dueAt: Instant;
  readonly reason?: string;
};
export type RunJobNow = Timed & { readonly type: 'RunJobNow'; readonly reason?: string };
export type CancelJob = Timed & { readonly type: 'CancelJob'; readonly reason?: string };
export type AbortJob = Timed & { readonly type: 'AbortJob'; readonly reason?: string };
/** Due at once, attempts counted afresh. */
export type RedriveJob = Timed & { readonly type: 'RedriveJob' };

export type DispatchJob = Timed & {
  readonly type: 'DispatchJob';
  readonly attempt: number;
  readonly dueAt: Instant;
};
/** Sends a message again for a job that was dispatched and never started; `delivery` is the one that got lost. */
export type RedispatchJob = Timed & {
  readonly type: 'RedispatchJob';
  /** Spreads the retry of an attempt that ends. */
  readonly draw: number;
  readonly attempt: number;
  readonly delivery: number;
  /** An attempt that was sent so often ends instead; no limit unless told. */
  readonly maxDeliveries?: number;
};
/** The message can never reach an executor. */
export type FailDelivery = Timed & {
  readonly type: 'FailDelivery';
  readonly attempt: number;
  readonly error: JobError;
  readonly draw: number;
};
export type ExpireJob = Timed & { readonly type: 'ExpireJob' };

export type ClaimJob = Timed & {
  readonly type: 'ClaimJob';
  readonly attempt: number;
  /** Revision of the JobDispatched or JobRedispatched that the executor's message named. */
  readonly revision: bigint;
  readonly executorId: string;
};

export type ReportedOutcome =
  | { readonly status: 'succeeded'; readonly result?: Json }
  | { readonly status: 'failed'; readonly error: JobError; readonly retryable?: boolean }
  | { readonly status: 'aborted' };

export type ReportAttempt = Timed & {
  readonly type: 'ReportAttempt';
  readonly attempt: number;
  /** Revision of the attempt's JobStarted. */
  readonly token: bigint;
  readonly outcome: ReportedOutcome;
  /** A draw from [0, 1) that spreads retries. */
  readonly draw: number;
};
/** The time limit has passed without a report: as time seen to pass, for clocks are set and machines sleep. */
export type TimeOutAttempt = Timed & {
  readonly type: 'TimeOutAttempt';
  readonly attempt: number;
  /** For how long the attempt was seen to run, at least. */
  readonly seenMs: number;
  readonly draw: number;
};
/** The executor that claimed the attempt has stopped beating. */
export type LoseExecutor = Timed & {
  readonly type: 'LoseExecutor';
  readonly attempt: number;
  readonly executorId: string;
  readonly draw: number;
};
/** The claim was granted, and its executor knows nothing of it: the answer got lost. */
export type LoseGrant = Timed & {
  readonly type: 'LoseGrant';
  readonly attempt: number;
  readonly executorId: string;
  /** Of that very grant. */
  readonly startedAt: Instant;
  readonly draw: number;
};

export type JobCommand =
  | ScheduleJob
  | RescheduleJob
  | RunJobNow
  | CancelJob
  | AbortJob
  | RedriveJob
  | DispatchJob
  | RedispatchJob
  | FailDelivery
  | ExpireJob
  | ClaimJob
  | ReportAttempt
  | TimeOutAttempt
  | LoseExecutor
  | LoseGrant;

/** The named no's of a job. */
export type JobRejection =
  | { readonly code: 'job-not-found' }
  | { readonly code: 'job-exists' }
  | { readonly code: 'due-in-past' }
  | { readonly code: 'due-too-far' }
  | { readonly code: 'cutoff-passed'; readonly cutoffMs: number }
  | { readonly code: 'job-running' }
  | { readonly code: 'job-not-running' }
  | { readonly code: 'job-finished' }
  | { readonly code: 'job-cancelled' }
  | { readonly code: 'job-not-failed' }
  | { readonly code: 'job-expired' }
  | { readonly code: 'too-early'; readonly dueAt: Instant }
  | { readonly code: 'dispatch-superseded' }
  | { readonly code: 'attempt-superseded' };
