import type { Instant } from '../time';

/** Occurrences in a span of time. */
export type OccurrencesBetween = {
  readonly count: number;
  /** Undefined when there is none. */
  readonly first: Instant | undefined;
  readonly last: Instant | undefined;
  /** The newest of them, as many as were asked for, oldest first. */
  readonly newest: readonly Instant[];
};

/** The instants of one rule, by one table of zones. */
export type Calendar = {
  /** Version of the zone data, such as `2026f`. */
  readonly tzdata: string;
  /** The first occurrence later than `after`; undefined when there is none. */
  readonly next: (after: Instant) => Instant | undefined;
  /** Those later than `after` and not later than `until`, in memory bounded by `newest`. */
  readonly between: (after: Instant, until: Instant, newest: number) => OccurrencesBetween;
};
