import { TIMING_LIMITS } from '../definition';
import { DAY_SECONDS, firstDayOf, monthAt } from './civil';
import { NONE, type Sequence } from './sequence';
import { bitCount, lowestBit } from './small-set';
import type { TimesOfDay } from './times-of-day';

/** The days of a month (`monthAt`) on which something falls due: bit `d - 1` is set for day `d`. */
export type DaysOfMonth = (month: number) => number;

const MONTHS_AHEAD = TIMING_LIMITS.years * 12;

/** Wall times: all times of all days. None is looked for further ahead than the calendar takes to repeat. */
export const daysAndTimes = (daysOf: DaysOfMonth, times: TimesOfDay): Sequence => {
  let last = { month: Number.NaN, days: 0, first: 0 };
  /** Callers go on where they were: most ask for the month of the time before. */
  const at = (month: number): typeof last => {
    if (last.month !== month) last = { month, days: daysOf(month), first: firstDayOf(month) };
    return last;
  };
  /** Months without any day are passed by the hundred, and are not worth to be kept. */
  const isEmpty = (month: number): boolean => {
    if (last.month === month) return last.days === 0;
    const days = daysOf(month);
    if (days !== 0) last = { month, days, first: firstDayOf(month) };
    return days === 0;
  };

  const isDue = (day: number): boolean => {
    const { days, first } = at(monthAt(day));
    return ((days >>> (day - first)) & 1) === 1;
  };
  const countOn = (day: number, from: number, to: number): number =>
    from < to && isDue(day) ? times.count(day, from, to) : 0;

  const countDays = (fromDay: number, toDay: number): number => {
    let total = 0;
    for (let day = fromDay; day < toDay;) {
      const { days, first, month } = at(monthAt(day));
      const next = firstDayOf(month + 1);
      let due = days & (-1 << (day - first));
      if (toDay < next) due &= (1 << (toDay - first)) - 1;
      if (times.perDay !== undefined) total += bitCount(due) * times.perDay;
      else
        for (; due !== 0; due &= due - 1)
          total += times.count(first + lowestBit(due), 0, DAY_SECONDS);
      day = next;
    }
    return total;
  };

  return {
    from: (wall) => {
      if (wall === NONE) return NONE;
      const startDay = Math.floor(wall / DAY_SECONDS);
      const startMonth = monthAt(startDay);
      for (let month = startMonth; month <= startMonth + MONTHS_AHEAD; month += 1) {
        if (isEmpty(month)) continue;
        const { days, first } = last;
        let due = month === startMonth ? days & (-1 << (startDay - first)) : days;
        for (; due !== 0; due &= due - 1) {
          const day = first + lowestBit(due);
          const second = times.from(day, day === startDay ? wall - startDay * DAY_SECONDS : 0);
          if (second < DAY_SECONDS) return day * DAY_SECONDS + second;
        }
      }
      return NONE;
    },
    count: (from, to) => {
      if (from >= to) return 0;
      const [firstDay, lastDay] = [Math.floor(from / DAY_SECONDS), Math.floor(to / DAY_SECONDS)];
      const [fromSecond, toSecond] = [from - firstDay * DAY_SECONDS, to - lastDay * DAY_SECONDS];
      if (firstDay === lastDay) return countOn(firstDay, fromSecond, toSecond);
      return (
        countOn(firstDay, fromSecond, DAY_SECONDS) +
        countDays(firstDay + 1, lastDay) +
        countOn(lastDay, 0, toSecond)
      );
    },
  };
};
