import { DAY_SECONDS, firstDayOf, lengthOf, modulo, monthAt } from '../calendar/civil';
import { daysAndTimes, type DaysOfMonth } from '../calendar/days-and-times';
import { NONE, within, type Sequence } from '../calendar/sequence';
import { smallSet } from '../calendar/small-set';
import { timesOfDay } from '../calendar/times-of-day';
import { instantsOf, type Zone } from '../calendar/zone';
import type { ClockChange, MonthEndPolicy } from '../definition';
import { isFlaw, type Flaw } from '../problem';
import { clockChangeFor, type Rule } from '../rule';
import { readInterval, type Duration, type Interval } from './read';
import { steps } from './steps';

/** Months after a day, by the policy where the month has no such day; undefined when that leaves it out. */
const monthsAfter = (day: number, months: number, monthEnd: MonthEndPolicy): number | undefined => {
  const anchorMonth = monthAt(day);
  const [month, place] = [anchorMonth + months, day - firstDayOf(anchorMonth)];
  const length = lengthOf(month);
  if (place < length) return firstDayOf(month) + place;
  return monthEnd === 'last' ? firstDayOf(month) + length - 1 : undefined;
};

const everyMonths =
  (anchorDay: number, months: number, monthEnd: MonthEndPolicy): DaysOfMonth =>
  (month) => {
    const passed = month - monthAt(anchorDay);
    if (passed % months !== 0) return 0;
    const day = monthsAfter(anchorDay, passed, monthEnd);
    return day === undefined ? 0 : 1 << (day - firstDayOf(month));
  };

const everyDays =
  (anchorDay: number, days: number): DaysOfMonth =>
  (month) => {
    const first = firstDayOf(month);
    let due = 0;
    for (let place = modulo(anchorDay - first, days); place < lengthOf(month); place += days)
      due |= 1 << place;
    return due;
  };

const MONTH_DAYS = 146_097 / 4_800;

const secondsOf = ({ months, days, seconds }: Duration): number =>
  (months * MONTH_DAYS + days) * DAY_SECONDS + seconds;

/** The wall time that is `n` durations after the anchor, time that elapses left out. */
const wallAfter = (
  { anchor, duration }: Interval,
  n: number,
  monthEnd: MonthEndPolicy,
): number | undefined => {
  const day = Math.floor(anchor / DAY_SECONDS);
  const due = monthsAfter(day, n * duration.months, monthEnd);
  return due === undefined ? undefined : anchor + (due - day + n * duration.days) * DAY_SECONDS;
};

const wallsOf = (interval: Interval, monthEnd: MonthEndPolicy): Sequence => {
  const { anchor, duration } = interval;
  const day = Math.floor(anchor / DAY_SECONDS);
  const second = anchor - day * DAY_SECONDS;
  const time = timesOfDay(
    smallSet([Math.floor(second / 3_600)]),
    smallSet([Math.floor(second / 60) % 60]),
    smallSet([second % 60]),
  );
  if (duration.months === 0)
    return within(daysAndTimes(everyDays(day, duration.days), time), anchor, NONE);
  if (duration.days === 0)
    return within(daysAndTimes(everyMonths(day, duration.months, monthEnd), time), anchor, NONE);
  return steps((n) => {
    const wall = wallAfter(interval, n, monthEnd);
    return wall === undefined ? [] : [wall];
  }, secondsOf(duration));
};

/** Elapsed time alone. */
const everySeconds = (base: number, seconds: number): Sequence => {
  const stepFrom = (at: number): number => Math.max(0, Math.ceil((at - base) / seconds));
  return {
    from: (at) => (at === NONE ? NONE : base + stepFrom(at) * seconds),
    count: (from, to) => Math.max(0, stepFrom(to) - stepFrom(from)),
  };
};

/** What is not said of hours, minutes and seconds, and people take for days. */
const ELAPSED = 'Hours, minutes and seconds elapse: where clocks are changed, the wall time moves.';

/**
 * The rule of an `R/anchor/duration`: n durations from the anchor, each counted from there. Months and days are
 * those of the calendar, and the month's last day stands for one that it lacks, where the owner said nothing.
 */
export const everyRule = (
  every: string,
  chosen: { readonly clockChange?: Partial<ClockChange>; readonly monthEnd?: MonthEndPolicy },
  zone: Zone,
): Rule | Flaw => {
  const interval = readInterval(every);
  if (isFlaw(interval)) return interval;
  const { anchor, duration } = interval;
  const clockChange = clockChangeFor(chosen.clockChange, true);
  const monthEnd = chosen.monthEnd ?? 'last';
  if (duration.seconds === 0)
    return {
      kind: 'walls',
      walls: wallsOf(interval, monthEnd),
      clockChange,
      monthEnd,
      meaning: () => [],
    };
  // time elapses from somewhere, also when the anchor's own occurrence would be left out
  const once: ClockChange = {
    gap: clockChange.gap === 'skip' ? 'shift' : clockChange.gap,
    overlap: clockChange.overlap === 'second' ? 'second' : 'first',
  };
  const [base = 0] = instantsOf(zone, anchor, once);
  const isElapsed = duration.months === 0 && duration.days === 0;
  const instants = isElapsed
    ? everySeconds(base, duration.seconds)
    : steps((n) => {
        const wall = wallAfter(interval, n, monthEnd);
        return wall === undefined
          ? []
          : instantsOf(zone, wall, n === 0 ? once : clockChange).map(
              (at) => at + n * duration.seconds,
            );
      }, secondsOf(duration));
  return { kind: 'instants', instants, anchorAt: base, isElapsed, meaning: () => [ELAPSED] };
};
