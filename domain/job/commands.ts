import type { Decision } from '../decider';
import type { Instant } from '../time';
import type { JobDefinition, JobError, Json } from './definition';
import type { JobEvent } from './events';

export type ReportedOutcome =
  | { readonly status: 'succeeded'; readonly result?: Json }
  | { readonly status: 'failed'; readonly error: JobError; readonly retryable?: boolean }
  | { readonly status: 'aborted' };

/** A draw from [0, 1): spreads the retry of an attempt that ends. */
type Drawn = { readonly draw: number };

/** What may be asked of a job. */
type Commands = {
  readonly ScheduleJob: { readonly definition: JobDefinition; readonly dueAt: Instant };
  readonly RescheduleJob: { readonly dueAt: Instant; readonly reason?: string };
  readonly RunJobNow: { readonly reason?: string };
  readonly CancelJob: { readonly reason?: string };
  readonly AbortJob: { readonly reason?: string };
  /** Due immediately, attempts counted again from 1. */
  readonly RedriveJob: object;
  readonly DispatchJob: { readonly attempt: number; readonly dueAt: Instant };
  /** Sends a message again for a job that was dispatched and never started; `delivery` is the one that got lost. */
  readonly RedispatchJob: Drawn & {
    readonly attempt: number;
    readonly delivery: number;
    /** An attempt that was sent so often ends instead; default: no limit. */
    readonly maxDeliveries?: number;
  };
  /** The message can never reach an executor. */
  readonly FailDelivery: Drawn & { readonly attempt: number; readonly error: JobError };
  readonly ExpireJob: object;
  readonly ClaimJob: {
    readonly attempt: number;
    /** Revision of the JobDispatched or JobRedispatched that the executor's message named. */
    readonly revision: bigint;
    readonly executorId: string;
  };
  readonly ReportAttempt: Drawn & {
    readonly attempt: number;
    /** Revision of the attempt's JobStarted. */
    readonly token: bigint;
    readonly outcome: ReportedOutcome;
  };
  /** The time limit has passed without a report: as time seen to pass, for clocks are set and machines sleep. */
  readonly TimeOutAttempt: Drawn & {
    readonly attempt: number;
    /** For how long the attempt was seen to run, at least. */
    readonly seenMs: number;
  };
  /** The executor that claimed the attempt has stopped beating. */
  readonly LoseExecutor: Drawn & { readonly attempt: number; readonly executorId: string };
  /** The claim was granted, and its executor knows nothing of it: the answer got lost. */
  readonly LoseGrant: Drawn & {
    readonly attempt: number;
    readonly executorId: string;
    /** Of that very grant. */
    readonly startedAt: Instant;
  };
};

/** Every command says when it is decided (`at`): the domain has no clock. */
export type CommandOf<Type extends keyof Commands> = Commands[Type] & {
  readonly type: Type;
  readonly at: Instant;
};

export type JobCommand = { [Type in keyof Commands]: CommandOf<Type> }[keyof Commands];

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

export type JobDecision = Decision<JobEvent, JobRejection>;
