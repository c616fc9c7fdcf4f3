import type { Instant, Timestamp } from '../time';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** When to try again: `min(maxDelayMs, initialDelayMs * factor^(n-1))` after attempt n, up to `maxAttempts` in all. */
export type RetryPolicy = {
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly factor: number;
};

/** What the user asked for; never changes after JobScheduled. */
export type JobDefinition = {
  readonly ownerId: string;
  readonly name: string;
  readonly location: string;
  readonly payload?: Json;
  readonly queue: string;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly cutoffMs: number;
  readonly maxLatenessMs?: number;
  readonly tags: readonly string[];
  readonly scheduleId?: string;
  readonly occurrenceAt?: Timestamp;
};

export type JobError = { readonly code: string; readonly message: string };

/** `undeliverable`: no executor ever got the message, so the attempt ended without having begun. */
export type FailureCause = 'reported' | 'timed-out' | 'executor-lost' | 'undeliverable';

// The type names and the fields below are the storage format: never renamed, never removed.
export type JobEvent =
  | { readonly type: 'JobScheduled'; readonly data: JobDefinition & { readonly dueAt: Timestamp } }
  | {
      readonly type: 'JobRescheduled';
      readonly data: {
        readonly dueAt: Timestamp;
        readonly previousDueAt: Timestamp;
        readonly reason?: string;
      };
    }
  | {
      readonly type: 'JobCancelled';
      readonly data: { readonly dueAt: Timestamp; readonly reason?: string };
    }
  | {
      readonly type: 'JobDispatched';
      readonly data: { readonly attempt: number; readonly dueAt: Timestamp };
    }
  | {
      readonly type: 'JobRedispatched';
      readonly data: { readonly attempt: number; readonly delivery: number };
    }
  | {
      readonly type: 'JobStarted';
      readonly data: { readonly attempt: number; readonly executorId: string };
    }
  | {
      readonly type: 'JobSucceeded';
      readonly data: { readonly attempt: number; readonly result?: Json };
    }
  | {
      readonly type: 'JobAttemptFailed';
      readonly data: {
        readonly attempt: number;
        readonly cause: FailureCause;
        readonly error: JobError;
        /** Of a time-out: for how long the attempt was seen to run, whatever the clocks said meanwhile. */
        readonly seenMs?: number;
        readonly retryAt?: Timestamp;
      };
    }
  | {
      readonly type: 'JobFailed';
      readonly data: { readonly attempts: number; readonly error: JobError };
    }
  | {
      readonly type: 'JobExpired';
      readonly data: { readonly dueAt: Timestamp; readonly maxLatenessMs: number };
    }
  | { readonly type: 'JobRedriven'; readonly data: { readonly dueAt: Timestamp } }
  | { readonly type: 'JobAbortRequested'; readonly data: { readonly reason?: string } }
  | { readonly type: 'JobAborted'; readonly data: { readonly attempt: number } };

export type JobEventType = JobEvent['type'];

/** An event as the log has it: with the time it was recorded at and its revision in the stream. */
export type JobFact = JobEvent & { readonly at: Instant; readonly revision: bigint };
