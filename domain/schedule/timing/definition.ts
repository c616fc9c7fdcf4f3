import type { Instant } from '../../time';

/** When a schedule falls due, as its owner wrote it. */
export type TimingText =
  | { readonly cron: string }
  /** RFC 5545: lines DTSTART, RRULE, RDATE, EXDATE. */
  | { readonly rrule: string }
  /** ISO 8601: `R/anchor/duration`, the anchor a wall time in `timeZone`. */
  | { readonly every: string };

/** What becomes of a wall time that the clocks jump over: as much later as they jump, at the end of the jump, or nothing. */
export type GapPolicy = 'shift' | 'gap-end' | 'skip';

/** Which of two instants is meant by a wall time that the clocks show twice. */
export type OverlapPolicy = 'first' | 'second' | 'both';

export type ClockChange = { readonly gap: GapPolicy; readonly overlap: OverlapPolicy };

/** What becomes of day 29, 30 or 31 in a month without it: no occurrence, or the month's last day. */
export type MonthEndPolicy = 'skip' | 'last';

/** All of a schedule that decides when it falls due. What is left out has the default that docs/schedules.md tells. */
export type TimingDefinition = {
  readonly timing: TimingText;
  /** Name in the IANA database, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly clockChange?: Partial<ClockChange>;
  readonly monthEnd?: MonthEndPolicy;
  /** Days of `timeZone` without occurrences, each as `2026-12-25`. */
  readonly exclude?: readonly string[];
  /** First instant, inclusive. */
  readonly startAt?: Instant;
  /** Last instant, inclusive. */
  readonly endAt?: Instant;
  /** How many occurrences there are at most, from 1. */
  readonly maxCount?: number;
};

export const TIMING_LIMITS = {
  cronLength: 1_000,
  rruleLength: 32_768,
  everyLength: 100,
  /** Dates of all RDATE and EXDATE lines together. */
  listedDates: 1_000,
  excludedDays: 1_000,
  maxCount: 1_000_000_000,
  /** Longest interval, and how far ahead an occurrence is looked for: after so long the calendar repeats. */
  years: 400,
  /** An end by COUNT or maxCount that lies further ahead is none: to count so far would cost more than it is worth. */
  countedYears: 100,
  /** A wall time in a rule has a year from 1900 on, and four digits. */
  firstYear: 1900,
} as const;

/** Seconds in which an end by COUNT or maxCount is looked for. */
export const COUNTED_SECONDS = TIMING_LIMITS.countedYears * 365.2425 * 86_400;
