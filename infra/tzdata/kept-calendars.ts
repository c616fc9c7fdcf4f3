import { LRUCache } from 'lru-cache';
import type { Timetables } from '../../domain/schedule/calendars';

/** What a calendar costs in memory beside what its rule is long, in characters of a rule. */
const CALENDAR_CHARACTERS = 1_000;

/**
 * Calendars that remember what they made: to compile a rule costs many times what a look at it does.
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
      const key = JSON.stringify([rule, since]);
      const known = kept.get(key);
      if (known) return known;
      const made = calendars.of(rule, since);
      kept.set(key, made);
      return made;
    },
  };
};
