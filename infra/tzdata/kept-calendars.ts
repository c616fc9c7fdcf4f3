import { LRUCache } from 'lru-cache';
import type { Calendars } from '../../domain/schedule/calendars';

/** Calendars that are kept for those who ask again: to compile a rule costs many times what a look at it does. */
export const keptCalendars = (calendars: Calendars, max: number): Calendars => {
  const kept = new LRUCache<string, ReturnType<Calendars['of']>>({ max });
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
