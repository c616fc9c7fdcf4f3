import type { Instant } from '../time';
import type { Calendar } from './calendar';
import type { KnownSchedule } from './state';

/** Instants of the rule without those that have been decided one by one. */
export const undecidedOf = (schedule: KnownSchedule, calendar: Calendar): Calendar => {
  const alone = new Set(
    [...schedule.exceptions, ...schedule.ahead]
      .map(({ occurrenceAt }) => occurrenceAt)
      .filter((occurrenceAt) => occurrenceAt > schedule.decidedUntil),
  );
  if (alone.size === 0) return calendar;
  const next = (after: Instant): Instant | undefined => {
    let at = calendar.next(after);
    while (at !== undefined && alone.has(at)) at = calendar.next(at);
    return at;
  };
  return {
    tzdata: calendar.tzdata,
    next,
    between: (after, until, newest) => {
      const all = calendar.between(after, until, newest + alone.size);
      const isWithin = (at: Instant): boolean => at > after && at <= until;
      const lone = [...alone].filter(isWithin).length;
      const left = all.newest.filter((at) => !alone.has(at)).slice(-Math.max(1, newest));
      const first = next(after);
      const isNone = first === undefined || first > until;
      return {
        count: isNone ? 0 : all.count - lone,
        first: isNone ? undefined : first,
        last: isNone ? undefined : left.at(-1),
        newest: newest === 0 ? [] : left,
      };
    },
  };
};
