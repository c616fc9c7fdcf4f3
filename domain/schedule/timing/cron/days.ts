import { firstDayOf, lengthOf, weekdayAt } from '../calendar/civil';
import type { DaysOfMonth } from '../calendar/days-and-times';
import type { MonthEndPolicy } from '../definition';
import type { MonthDays, Weekdays } from './day-fields';

/** Days 1, 8, 15, 22 and 29: bit `d - 1` for day `d`. */
const EVERY_SEVENTH = 0x10204081;

const SUNDAY = 0;
const SATURDAY = 6;

/** Day of the month that is Monday to Friday and nearest to one, without leaving the month. */
const nearestWorkday = (dayOfMonth: number, weekday: number, length: number): number => {
  if (weekday === SATURDAY) return dayOfMonth === 1 ? dayOfMonth + 2 : dayOfMonth - 1;
  if (weekday === SUNDAY) return dayOfMonth === length ? dayOfMonth - 2 : dayOfMonth + 1;
  return dayOfMonth;
};

type Month = { readonly length: number; readonly weekdayOf: (dayOfMonth: number) => number };

const byMonthDay = (fields: MonthDays, monthEnd: MonthEndPolicy, month: Month): number => {
  const { length } = month;
  const all = 2 ** length - 1;
  let days = fields.days & all;
  if (monthEnd === 'last' && (fields.days & ~all) !== 0) days |= 1 << (length - 1);
  for (const back of fields.beforeLast) if (back < length) days |= 1 << (length - 1 - back);
  const workday = (dayOfMonth: number): number =>
    1 << (nearestWorkday(dayOfMonth, month.weekdayOf(dayOfMonth), length) - 1);
  for (const near of fields.nearest)
    if (near <= length) days |= workday(near);
    else if (monthEnd === 'last') days |= workday(length);
  return fields.hasLastWorkday ? days | workday(length) : days;
};

const byWeekday = (fields: Weekdays, { length, weekdayOf }: Month): number => {
  const all = 2 ** length - 1;
  const firstWeekday = weekdayOf(1);
  /** Places of a weekday's days in the month, from 0. */
  const first = (weekday: number): number => (weekday - firstWeekday + 7) % 7;
  let days = 0;
  for (let weekday = 0; weekday < 7; weekday += 1) {
    if ((fields.weekdays >>> weekday) & 1) days |= EVERY_SEVENTH << first(weekday);
    if ((fields.last >>> weekday) & 1) {
      const fifth = first(weekday) + 28;
      days |= 1 << (fifth < length ? fifth : fifth - 7);
    }
  }
  for (const { weekday, n } of fields.nth) {
    const place = first(weekday) + 7 * (n - 1);
    if (place < length) days |= 1 << place;
  }
  return days & all;
};

/** Whether the two day fields mean the days of either, not those of both: crontab(5). */
export const isEither = (monthDays: MonthDays, weekdays: Weekdays): boolean =>
  !monthDays.isStarred && !weekdays.isStarred;

/** `months` has bit `m - 1` for month `m`. */
export const cronDays =
  (
    months: number,
    monthDays: MonthDays,
    weekdays: Weekdays,
    monthEnd: MonthEndPolicy,
  ): DaysOfMonth =>
  (month) => {
    if (((months >>> (month % 12)) & 1) === 0) return 0;
    const firstDay = firstDayOf(month);
    const shape: Month = {
      length: lengthOf(month),
      weekdayOf: (dayOfMonth) => weekdayAt(firstDay + dayOfMonth - 1),
    };
    const [ofMonth, ofWeek] = [byMonthDay(monthDays, monthEnd, shape), byWeekday(weekdays, shape)];
    return isEither(monthDays, weekdays) ? ofMonth | ofWeek : ofMonth & ofWeek;
  };
