import { LRUCache } from 'lru-cache';
import type { Timetables } from '../../domain/schedule/calendars';

/** What a calendar costs in memory beside what its rule is long, in characters of a rule: some 10 KB of heap. */
const CALENDAR_CHARACTERS = 1_000;

/**
 * Calendars of schedules that are there, remembered: to compile a rule costs many times what a look at it does.
 *
 * @param maxCharacters  of all rules that are kept: a long one, with its dates and excluded days, takes the room of many
 */
export const keptCalendars = (calendars: Timetables, maxCharacters: number): Timetables => {
  const kept = new LRUCache<string, ReturnType<Timetables['of']>>({
    maxSize: maxCharacters,
    sizeCalculation: (_made, key) => CALENDAR_CHARACTERS + key.length,
  });
  return {
    of: (rule, since) => {
      // without a number to count to, all schedules with this rule have one calendar
      const countedFrom = rule.maxCount === undefined ? 0 : since;
      const key = JSON.stringify([rule, countedFrom]);
      const known = kept.get(key);
      if (known) return known;
      const made = calendars.of(rule, countedFrom);
      kept.set(key, made);
      return made;
    },
  };
};
