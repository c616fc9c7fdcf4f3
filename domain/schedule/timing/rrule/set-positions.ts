import {
  DAY_SECONDS,
  firstDayOf,
  lengthOf,
  modulo,
  monthAt,
  weekdayAt,
  yearOf,
} from '../calendar/civil';
import type { DaysOfMonth } from '../calendar/days-and-times';
import type { TimesOfDay } from '../calendar/times-of-day';
import { startOfWeekYear, weekOf, type RuleDays } from './days';
import type { Parts } from './read-parts';
import { placesIn, type TimeSets } from './time-sets';

/** First day of the period that a day lies in, and of the next one. */
const periodAround = (
  { frequency, byWeekNo, weekStart }: Parts,
  day: number,
): readonly [start: number, end: number] => {
  const month = monthAt(day);
  const january = yearOf(month) * 12;
  if (frequency === 'DAILY') return [day, day + 1];
  if (frequency === 'WEEKLY') {
    const start = day - modulo(weekdayAt(day) - weekStart, 7);
    return [start, start + 7];
  }
  if (frequency === 'MONTHLY') return [firstDayOf(month), firstDayOf(month + 1)];
  if (!byWeekNo) return [firstDayOf(january), firstDayOf(january + 12)];
  const { year } = weekOf(day, weekStart);
  return [startOfWeekYear(year, weekStart), startOfWeekYear(year + 1, weekStart)];
};

/** The times that BYSETPOS chooses from all of a period, day by day. */
export const chosenByPlace = (
  parts: Parts,
  places: readonly number[],
  days: RuleDays,
  { hours, minutes, seconds }: TimeSets,
): { readonly days: DaysOfMonth; readonly times: TimesOfDay } => {
  const perDay = hours.length * minutes.length * seconds.length;
  const timeAt = (index: number): number => {
    const minuteIndex = Math.floor(index / seconds.length);
    const hour = hours[Math.floor(minuteIndex / minutes.length)] ?? Number.NaN;
    const minute = minutes[minuteIndex % minutes.length] ?? Number.NaN;
    return hour * 3_600 + minute * 60 + (seconds[index % seconds.length] ?? Number.NaN);
  };

  const dueIn = (start: number, end: number): readonly number[] => {
    const due: number[] = [];
    for (let day = start; day < end; day += 1) {
      const month = monthAt(day);
      if (days.isDue(day, month, day - firstDayOf(month) + 1)) due.push(day);
    }
    return due;
  };

  let last = { start: 0, end: 0, times: new Map<number, number[]>() };
  /** The times of a day, in growing order. Callers go from day to day: the period is mostly that of the day before. */
  const timesOn = (day: number): readonly number[] => {
    if (day < last.start || day >= last.end) {
      const [start, end] = periodAround(parts, day);
      const due = dueIn(start, end);
      const times = new Map<number, number[]>();
      for (const index of placesIn(due.length * perDay, places)) {
        const chosen = due[Math.floor(index / perDay)] ?? Number.NaN;
        times.set(chosen, [...(times.get(chosen) ?? []), timeAt(index % perDay)]);
      }
      last = { start, end, times };
    }
    return last.times.get(day) ?? [];
  };

  return {
    days: (month) => {
      if (!days.mayBeDue(month)) return 0;
      const first = firstDayOf(month);
      let due = 0;
      for (let place = 0; place < lengthOf(month); place += 1)
        if (timesOn(first + place).length > 0) due |= 1 << place;
      return due;
    },
    times: {
      from: (day, second) => timesOn(day).find((time) => time >= second) ?? DAY_SECONDS,
      count: (day, from, to) => timesOn(day).filter((time) => time >= from && time < to).length,
      perDay: undefined,
    },
  };
};
