/** The calendar without clocks and zones. Days count from 1970-01-01, months from January of the year 0. */

export const DAY_SECONDS = 86_400;

/** Days between 0000-03-01 and 1970-01-01. */
const EPOCH_SHIFT = 719_468;
const DAYS_IN_400_YEARS = 146_097;

/** @see https://howardhinnant.github.io/date_algorithms.html, `days_from_civil` */
export const dayOf = (year: number, month: number, dayOfMonth: number): number => {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear =
    Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_IN_400_YEARS + dayOfEra - EPOCH_SHIFT;
};

/** Months since January of the year 0 at a day. */
export const monthAt = (day: number): number => {
  const z = day + EPOCH_SHIFT;
  const era = Math.floor(z / DAYS_IN_400_YEARS);
  const dayOfEra = z - era * DAYS_IN_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  return (yearOfEra + era * 400) * 12 + Math.floor((5 * dayOfYear + 2) / 153) + 2;
};

export const yearOf = (month: number): number => Math.floor(month / 12);

/** 1 to 12. */
export const monthOfYear = (month: number): number => month - yearOf(month) * 12 + 1;

export const firstDayOf = (month: number): number => dayOf(yearOf(month), monthOfYear(month), 1);

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month, 28 to 31. */
export const lengthOf = (month: number): number => {
  const year = yearOf(month);
  const index = month - year * 12;
  return index === 1 && isLeap(year) ? 29 : (LENGTHS[index] ?? Number.NaN);
};

/** The remainder that is never negative. */
export const modulo = (value: number, by: number): number => {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
};

/** 0 is Sunday. */
export const weekdayAt = (day: number): number => modulo(day + 4, 7);
