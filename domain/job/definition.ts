import type { Timestamp } from '../time';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

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
