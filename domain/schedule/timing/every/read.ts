import { wallOf, type WallSeconds } from '../calendar/local-time';
import { TIMING_LIMITS } from '../definition';
import { flaw, isFlaw, quoted, type Flaw } from '../problem';

/** A duration: months and days of the calendar, then seconds that elapse. At least one is not 0. */
export type Duration = {
  readonly months: number;
  readonly days: number;
  readonly seconds: number;
};

export type Interval = { readonly anchor: WallSeconds; readonly duration: Duration };

const DURATION =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const YEAR_DAYS = 365.2425;

const readDuration = (text: string): Duration | Flaw => {
  const parts = DURATION.exec(text);
  if (!parts || parts[5] === 'T')
    return flaw(
      `${quoted(text)} is not a duration of whole numbers such as P1D, P2W, P3M, PT90M or P1DT12H`,
    );
  const number = (index: number): number => Number(parts[index] ?? 0);
  const duration = {
    months: number(1) * 12 + number(2),
    days: number(3) * 7 + number(4),
    seconds: number(6) * 3_600 + number(7) * 60 + number(8),
  };
  const days = (duration.months / 12) * YEAR_DAYS + duration.days + duration.seconds / 86_400;
  if (days === 0) return flaw(`a duration of nothing (${quoted(text)}) would fall due without end`);
  return days <= TIMING_LIMITS.years * YEAR_DAYS
    ? duration
    : flaw(`${quoted(text)} is longer than ${TIMING_LIMITS.years} years`);
};

const ANCHOR = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;

const readAnchor = (text: string): WallSeconds | Flaw => {
  if (/(?:[zZ]|T.*[+-]\d{2}:?\d{2})$/.test(text))
    return flaw(
      `the anchor ${quoted(text)} is a wall time in timeZone: write it without Z and without an offset`,
    );
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    ANCHOR.exec(text)
      ?.slice(1)
      .map((part) => Number(part || 0)) ?? [];
  return (
    wallOf([year, month, day], [hour, minute, second]) ??
    flaw(`the anchor ${quoted(text)} is not a date and time such as 2026-01-31T09:00:00`)
  );
};

/** Reads `R/anchor/duration` of ISO 8601. */
export const readInterval = (every: string): Interval | Flaw => {
  if (every.length > TIMING_LIMITS.everyLength)
    return flaw(`it is longer than ${TIMING_LIMITS.everyLength} characters`);
  const [repeat = '', anchorText, durationText, ...rest] = every.trim().split('/');
  if (anchorText === undefined || durationText === undefined || rest.length > 0)
    return flaw(`${quoted(every)} is not R/anchor/duration, such as R/2026-01-31T09:00:00/P1D`);
  if (/^R\d+$/.test(repeat))
    return flaw(`${quoted(repeat)} limits the repeats: write R and use maxCount`);
  if (repeat !== 'R') return flaw(`it begins with R, not with ${quoted(repeat)}`);
  const anchor = readAnchor(anchorText);
  if (isFlaw(anchor)) return anchor;
  const duration = readDuration(durationText);
  return isFlaw(duration) ? duration : { anchor, duration };
};
