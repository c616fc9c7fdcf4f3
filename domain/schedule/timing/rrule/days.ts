import {
  dayOf,
  firstDayOf,
  lengthOf,
  modulo,
  monthAt,
  monthOfYear,
  weekdayAt,
  yearOf,
} from '../calendar/civil';
import type { ByDay, Frequency, Parts, Skip } from './read-parts';

/** Whether something falls due on a day, which is day `dayOfMonth` of `month`. */
export type DayTest = (day: number, month: number, dayOfMonth: number) => boolean;

/** The year and number of the week that a day lies in: week 1 is the first with four days of its year or more. */
export type Week = { readonly year: number; readonly number: number; readonly weeksOfYear: number };

const MIDDLE = 3;

/** The middle of week 1 of a year. */
const firstMiddle = (year: number, weekStart: number): number => {
  const newYear = dayOf(year, 1, 1);
  return newYear + modulo(weekStart + MIDDLE - weekdayAt(newYear), 7);
};

export const weekOf = (day: number, weekStart: number): Week => {
  const middle = day - modulo(weekdayAt(day) - weekStart, 7) + MIDDLE;
  const year = yearOf(monthAt(middle));
  const first = firstMiddle(year, weekStart);
  const weeksOfYear = (firstMiddle(year + 1, weekStart) - first) / 7;
  return { year, number: (middle - first) / 7 + 1, weeksOfYear };
};

const ALL_MONTHS = 2 ** 12 - 1;

/** The months that numbered weeks can reach into: bit `m - 1` for month `m`. Weeks begin up to three days before or after the year. */
const monthsOfWeeks = (numbers: readonly number[]): number => {
  let months = 0;
  for (const number of numbers) {
    const first = number > 0 ? 7 * (number - 1) : 366 + 7 * number;
    for (let day = first - 5; day <= first + 11; day += 1)
      months |= 1 << (monthOfYear(monthAt(modulo(day, 365))) - 1);
  }
  return months;
};

/** First day of week 1 of a year. */
export const startOfWeekYear = (year: number, weekStart: number): number =>
  firstMiddle(year, weekStart) - MIDDLE;

/** Weeks since the one that 1970-01-01 lies in, or that before. */
const weekIndex = (day: number, weekStart: number): number => Math.floor((day + 4 - weekStart) / 7);

/** Whether a place, counted from 1 or from -1 backwards, is `place` of `length`. */
const isPlace = (wanted: number, place: number, length: number): boolean =>
  wanted > 0 ? wanted === place : length + 1 + wanted === place;

/** The days of a month by number, and what becomes of those that it lacks. */
const monthDayTest = (
  byMonthDay: readonly number[],
  skip: Skip,
  isMonthDue: (month: number) => boolean,
): DayTest => {
  const longest = Math.max(...byMonthDay);
  return (_day, month, dayOfMonth) => {
    const length = lengthOf(month);
    if (isMonthDue(month)) {
      if (byMonthDay.some((wanted) => isPlace(wanted, dayOfMonth, length))) return true;
      if (skip === 'BACKWARD' && dayOfMonth === length && longest > length) return true;
    }
    return (
      skip === 'FORWARD' &&
      dayOfMonth === 1 &&
      longest > lengthOf(month - 1) &&
      isMonthDue(month - 1)
    );
  };
};

/** Weekdays, the numbered ones as places in the month or in the year. */
const weekdayTest = (byDay: readonly ByDay[], areInMonths: boolean): DayTest => {
  const plain = byDay.filter(({ n }) => n === undefined);
  const plainBits = plain.reduce((bits, { weekday }) => bits | (1 << weekday), 0);
  const numbered = byDay.flatMap(({ weekday, n }) => (n === undefined ? [] : [{ weekday, n }]));
  const numberedBits = numbered.reduce((bits, { weekday }) => bits | (1 << weekday), 0);
  return (day, month, dayOfMonth) => {
    const weekday = weekdayAt(day);
    if ((plainBits >>> weekday) & 1) return true;
    if (((numberedBits >>> weekday) & 1) === 0) return false;
    return numbered.some(({ weekday: wanted, n }) => {
      if (wanted !== weekday) return false;
      const january = month - (monthOfYear(month) - 1);
      const place = areInMonths ? dayOfMonth : day - firstDayOf(january) + 1;
      const length = areInMonths ? lengthOf(month) : firstDayOf(january + 12) - firstDayOf(january);
      return Math.ceil((n > 0 ? place : length + 1 - place) / 7) === Math.abs(n);
    });
  };
};

const periodTest = (
  { frequency, interval, byWeekNo, weekStart }: Parts,
  startDay: number,
): DayTest | undefined => {
  const startWeek = weekIndex(startDay, weekStart);
  const startWeekYear = weekOf(startDay, weekStart).year;
  if (frequency === 'DAILY') return (day) => modulo(day - startDay, interval) === 0;
  if (frequency === 'WEEKLY')
    return (day) => modulo(weekIndex(day, weekStart) - startWeek, interval) === 0;
  if (byWeekNo) return (day) => modulo(weekOf(day, weekStart).year - startWeekYear, interval) === 0;
  return undefined;
};

/** Whether a month lies in a period that is due, and is one of BYMONTH. */
const monthTest = (parts: Parts, startMonth: number): ((month: number) => boolean) => {
  const { frequency, interval, byMonth } = parts;
  const months = byMonth?.reduce((bits, month) => bits | (1 << (month - 1)), 0) ?? ALL_MONTHS;
  return (month) => {
    if (((months >>> (monthOfYear(month) - 1)) & 1) === 0) return false;
    if (frequency === 'MONTHLY') return modulo(month - startMonth, interval) === 0;
    if (frequency === 'YEARLY' && !parts.byWeekNo)
      return modulo(yearOf(month) - yearOf(startMonth), interval) === 0;
    return true;
  };
};

/** What the rule leaves to DTSTART (RFC 5545, 3.3.10): the day of the week, of the month, of the year. */
const completed = (parts: Parts, startDay: number): Parts => {
  const { frequency, byDay, byMonthDay, byYearDay, byWeekNo, byMonth } = parts;
  const startMonth = monthAt(startDay);
  const weekday = [{ weekday: weekdayAt(startDay) }];
  const monthDay = [startDay - firstDayOf(startMonth) + 1];
  const asks = (...frequencies: readonly Frequency[]): boolean => frequencies.includes(frequency);
  if (byDay ?? byMonthDay ?? byYearDay) return parts;
  if (byWeekNo ?? asks('WEEKLY')) return { ...parts, byDay: weekday };
  if (asks('YEARLY'))
    return { ...parts, byMonthDay: monthDay, byMonth: byMonth ?? [monthOfYear(startMonth)] };
  return asks('MONTHLY') ? { ...parts, byMonthDay: monthDay } : parts;
};

export type RuleDays = {
  readonly isDue: DayTest;
  /** A quick no for a whole month. */
  readonly mayBeDue: (month: number) => boolean;
};

/** The days of a rule that begins on `startDay`, BYSETPOS left out. */
export const ruleDays = (written: Parts, startDay: number, skip: Skip): RuleDays => {
  const parts = completed(written, startDay);
  const { frequency, byDay, byMonthDay, byYearDay, byWeekNo, byMonth, weekStart } = parts;
  const isMonthDue = monthTest(parts, monthAt(startDay));
  const isPeriodDue = periodTest(parts, startDay);
  const tests: DayTest[] = [];
  // the first to say no is the cheapest, and says no most often
  if (byDay) tests.push(weekdayTest(byDay, frequency === 'MONTHLY' || byMonth !== undefined));
  if (byMonthDay) tests.push(monthDayTest(byMonthDay, skip, isMonthDue));
  else tests.push((_day, month) => isMonthDue(month));
  if (isPeriodDue) tests.push(isPeriodDue);
  if (byYearDay)
    tests.push((day, month) => {
      const january = month - (monthOfYear(month) - 1);
      const newYear = firstDayOf(january);
      const length = firstDayOf(january + 12) - newYear;
      return byYearDay.some((wanted) => isPlace(wanted, day - newYear + 1, length));
    });
  if (byWeekNo)
    tests.push((day) => {
      const { number, weeksOfYear } = weekOf(day, weekStart);
      return byWeekNo.some((wanted) => isPlace(wanted, number, weeksOfYear));
    });
  const weekMonths = byWeekNo ? monthsOfWeeks(byWeekNo) : ALL_MONTHS;
  return {
    isDue: (day, month, dayOfMonth) => {
      for (const test of tests) if (!test(day, month, dayOfMonth)) return false;
      return true;
    },
    mayBeDue: (month) =>
      (((weekMonths >>> (monthOfYear(month) - 1)) & 1) === 1 && isMonthDue(month)) ||
      (skip === 'FORWARD' && byMonthDay !== undefined && isMonthDue(month - 1)),
  };
};
