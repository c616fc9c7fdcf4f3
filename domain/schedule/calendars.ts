import { fromTimestamp, type Instant } from '../time';
import type { Calendar } from './calendar';
import type { Rule } from './definition';
import { newestOf, next, rangeOf } from './timing/answers/next';
import { shownAt, type Shown } from './timing/answers/preview';
import type { ZoneTables } from './timing/calendar/zone';
import { compileTiming, type CompiledTiming } from './timing/compile';
import type { TimingDefinition } from './timing/definition';

/** A calendar that also says what clocks of its zone show. */
export type Timetable = Calendar & {
  /** Of an instant of the rule; any other has no note that means something. */
  readonly shownAt: (at: Instant) => Shown;
};

/** Makes calendars of rules, by the zone data of this build. */
export type Calendars<Made extends Calendar = Calendar> = {
  /**
   * @param since  when the rule was made or last changed: occurrences are counted from here
   * @returns the calendar, or why there is none, as a sentence
   */
  readonly of: (
    rule: Rule,
    since: Instant,
  ) => { readonly calendar: Made } | { readonly problem: string };
};

export type Timetables = Calendars<Timetable>;

/** The rule as it is compiled. */
export const timingOf = ({ startAt, endAt, ...rule }: Rule): TimingDefinition => ({
  ...rule,
  ...(startAt !== undefined && { startAt: fromTimestamp(startAt) }),
  ...(endAt !== undefined && { endAt: fromTimestamp(endAt) }),
});

const timetableOf = (timing: CompiledTiming): Timetable => ({
  tzdata: timing.tzdata,
  next: (after) => next(timing, after),
  between: (after, until, newest) => {
    const window = { after, until };
    const { count, first, last } = rangeOf(timing, window);
    return { count, first, last, newest: newest === 0 ? [] : newestOf(timing, window, newest) };
  },
  shownAt: (at) => shownAt(timing, at),
});

export const calendarsBy = (zones: ZoneTables): Timetables => ({
  of: (rule, since) => {
    const outcome = compileTiming(timingOf(rule), zones, since);
    return outcome.outcome === 'compiled'
      ? { calendar: timetableOf(outcome.timing) }
      : { problem: outcome.problems.map(({ reason }) => reason).join('; ') };
  },
});
