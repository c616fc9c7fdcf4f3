import type { Instant } from '../time';
import type { Calendar } from './calendar';
import { isMoved, usualDueAt, type KnownSchedule, type Planned } from './state';

/** No clock has ever been changed by more, in ms. */
const LONGEST_CHANGE_MS = 25 * 3_600_000;

const isInstant = (calendar: Calendar, at: Instant): boolean => calendar.next(at - 1) === at;

/**
 * Where newer zone data places an occurrence that older data placed at `at`: the nearest instant of the rule. Undefined
 * when the rule has the instant itself, or none near it.
 */
export const standIn = (calendar: Calendar, at: Instant): Instant | undefined => {
  if (isInstant(calendar, at)) return undefined;
  const before = calendar.between(at - LONGEST_CHANGE_MS, at, 1).last;
  const after = calendar.next(at);
  const near = [before, after].filter(
    (one) => one !== undefined && Math.abs(one - at) <= LONGEST_CHANGE_MS,
  );
  return near.toSorted((a = at, b = at) => Math.abs(a - at) - Math.abs(b - at))[0];
};

/** An occurrence whose job is due by zone data that is no longer right. */
export type Displaced = {
  readonly planned: Planned;
  /** When it would be due; undefined when that has passed, or the rule has nothing near: it stays as it is. */
  readonly dueAt?: Instant;
};

/** Of the occurrences that are still to come, those that newer zone data places elsewhere. What was moved by hand stays. */
export const displacedBy = (
  schedule: KnownSchedule,
  calendar: Calendar,
  at: Instant,
): readonly Displaced[] =>
  schedule.ahead
    .filter((planned) => planned.dueAt > at && !isMoved(schedule, planned))
    .filter(({ occurrenceAt }) => !isInstant(calendar, occurrenceAt))
    .map((planned) => {
      const instead = standIn(calendar, planned.occurrenceAt);
      const dueAt = instead === undefined ? undefined : usualDueAt(schedule, instead);
      return dueAt === undefined || dueAt <= at ? { planned } : { planned, dueAt };
    });
