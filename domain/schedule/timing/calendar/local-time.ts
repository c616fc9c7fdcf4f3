import {
  DAY_SECONDS,
  dayOf,
  firstDayOf,
  lengthOf,
  modulo,
  monthAt,
  monthOfYear,
  yearOf,
} from './civil';
import { TIMING_LIMITS } from '../definition';

/**
 * A wall time as a number: seconds since 1970-01-01T00:00:00 on a clock that is never changed. The same
 * number as an instant's where the offset is 0.
 */
export type WallSeconds = number;

/** @returns undefined for a date or a time that does not exist in any zone */
export const wallOf = (
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second]: readonly [number, number, number] = [0, 0, 0],
): WallSeconds | undefined => {
  const isReal =
    year >= TIMING_LIMITS.firstYear &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= lengthOf(year * 12 + month - 1) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  return isReal
    ? dayOf(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second
    : undefined;
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `2026-03-29`. */
const dateText = (day: number): string => {
  const month = monthAt(day);
  const year = String(yearOf(month)).padStart(4, '0');
  return `${year}-${twoDigits(monthOfYear(month))}-${twoDigits(day - firstDayOf(month) + 1)}`;
};

/** `02:30:00`. */
const timeText = (secondOfDay: number): string =>
  [secondOfDay / 3_600, (secondOfDay / 60) % 60, secondOfDay % 60]
    .map((part) => twoDigits(Math.floor(part)))
    .join(':');

/** `2026-03-29T02:30:00`. */
export const wallText = (wall: WallSeconds): string =>
  `${dateText(Math.floor(wall / DAY_SECONDS))}T${timeText(modulo(wall, DAY_SECONDS))}`;

/** `+02:00`; with seconds where the zone had them, before there was standard time. */
export const offsetText = (offsetSeconds: number): string => {
  const text = timeText(Math.abs(offsetSeconds));
  return (offsetSeconds < 0 ? '-' : '+') + (text.endsWith(':00') ? text.slice(0, 5) : text);
};
