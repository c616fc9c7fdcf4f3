import type { Instant } from '../time';
import type { Calendar } from './calendar';
import type { Rule } from './definition';

/** Makes calendars of rules, by the zone data of this build. */
export type Calendars = {
  /**
   * @param createdAt  from when occurrences count where the rule has no `startAt`
   * @returns the calendar, or why there is none, as a sentence
   */
  readonly of: (
    rule: Rule,
    createdAt: Instant,
  ) => { readonly calendar: Calendar } | { readonly problem: string };
};
