import type { Json, RetryPolicy } from '../job/definition';
import type { Timestamp } from '../time';

/** When it recurs: a cron expression, the lines of RFC 5545, or `R/anchor/duration` of ISO 8601. */
export type Timing =
  | { readonly cron: string }
  | { readonly rrule: string }
  | { readonly every: string };

/**
 * What becomes of a wall time that a clock change leaves out (`gap`) or has twice (`overlap`).
 * docs/schedules.md shows each choice by example.
 */
export type ClockChange = {
  readonly gap: 'shift' | 'gap-end' | 'skip';
  readonly overlap: 'first' | 'second' | 'both';
};

/** All that decides at which instants a schedule fires. */
export type Rule = {
  readonly timing: Timing;
  /** A name of the zone data, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Default: read from the hour field, see docs/schedules.md. */
  readonly clockChange?: Partial<ClockChange>;
  /** A day that a month does not have: no run, or on its last day. Default `skip`. */
  readonly monthEnd?: 'skip' | 'last';
  /** Civil days (`2026-12-25`) in `timeZone` without a run. */
  readonly exclude?: readonly string[];
  /** Both inclusive. */
  readonly startAt?: Timestamp;
  readonly endAt?: Timestamp;
  /** How many occurrences there are at most, counted from `startAt`. */
  readonly maxCount?: number;
};

/** What becomes of runs whose time has passed while nobody could start them. */
export type WhenMissed =
  | {
      readonly policy: 'skip';
      /** How late a run may start before it counts as missed, in ms. */
      readonly afterMs: number;
    }
  /** The newest one. */
  | { readonly policy: 'fire-once' }
  /** The newest `limit` ones, oldest first. */
  | { readonly policy: 'fire-all'; readonly limit: number };

/** What becomes of a run that is due while one before it has not ended. */
export type WhenStillRunning = 'allow' | 'skip' | 'buffer-one' | 'cancel-other';

/** What every run of the schedule is, as a job. */
export type JobTemplate = {
  readonly location: string;
  readonly payload?: Json;
  readonly queue: string;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly cutoffMs: number;
  readonly maxLatenessMs?: number;
  readonly tags: readonly string[];
};

/** What the user asked for, with every default filled in but those of the rule. */
export type ScheduleDefinition = {
  readonly ownerId: string;
  readonly name: string;
  readonly rule: Rule;
  /** Runs start up to so much later, by a hash of the schedule's id: always by the same. */
  readonly spreadMs: number;
  readonly whenMissed: WhenMissed;
  readonly whenStillRunning: WhenStillRunning;
  readonly job: JobTemplate;
};
