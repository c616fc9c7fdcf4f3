import type { Actor } from '../domain/events/metadata';
import type { JobRejection } from '../domain/job/commands';
import type { KnownJob } from '../domain/job/state';

/** Who sends a command, and what the request said about repeats and races. */
export type CommandContext = {
  /** The principal; its id owns the jobs it schedules. An operator may touch everybody's. */
  readonly actor: Actor;
  readonly correlationId: string;
  /** From the Idempotency-Key header; `fingerprint` is a digest of the request. */
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
  /** From If-Match: decide at this revision or not at all. */
  readonly ifMatch?: bigint;
  readonly traceparent?: string;
};

export type CommandRejection =
  | JobRejection
  | { readonly code: 'revision-mismatch'; readonly revision: bigint }
  | { readonly code: 'idempotency-key-reused' };

export type JobAccepted = {
  readonly outcome: 'accepted';
  readonly jobId: string;
  /** The job right after the command, as of `revision`. */
  readonly job: KnownJob;
  readonly revision: bigint;
  /** Commit position to wait for in a query that must see it. */
  readonly position: bigint;
  /** The answer to an earlier request with the same idempotency key. */
  readonly isReplay: boolean;
};

/** `contended`: too many writers at once on one stream; nothing was recorded. */
export type JobAnswer =
  | JobAccepted
  | { readonly outcome: 'rejected'; readonly rejection: CommandRejection }
  | { readonly outcome: 'contended' };
