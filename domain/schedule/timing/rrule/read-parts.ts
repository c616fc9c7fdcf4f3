import { flaw, isFlaw, quoted, readAll, type Flaw } from '../problem';
import { readDate, type RuleDate } from './dates';

export const FREQUENCIES = [
  'SECONDLY',
  'MINUTELY',
  'HOURLY',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'YEARLY',
] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** `MO`, `2TU`, `-1FR`. 0 is Sunday. */
export type ByDay = { readonly weekday: number; readonly n?: number };

/** What becomes of a day that a month lacks (RFC 7529). */
export type Skip = 'OMIT' | 'BACKWARD' | 'FORWARD';

/** The parts of an RRULE value as they were written. */
export type Parts = {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count?: number;
  readonly until?: RuleDate;
  readonly bySecond?: readonly number[];
  readonly byMinute?: readonly number[];
  readonly byHour?: readonly number[];
  readonly byDay?: readonly ByDay[];
  readonly byMonthDay?: readonly number[];
  readonly byYearDay?: readonly number[];
  readonly byWeekNo?: readonly number[];
  readonly byMonth?: readonly number[];
  readonly bySetPos?: readonly number[];
  /** First day of the week, 0 is Sunday. */
  readonly weekStart: number;
  readonly skip?: Skip;
};

const MOST = 1_000_000_000;

const readWhole =
  (name: string, min: number, max: number) =>
  (text: string): number | Flaw => {
    const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? value
      : flaw(`${name}: ${quoted(text)} is not a whole number from ${min} to ${max}`);
  };

/** Counted from the start from 1, or from the end from -1. */
const readPlace =
  (name: string, max: number) =>
  (text: string): number | Flaw => {
    const value = readWhole(name, -max, max)(text);
    return value === 0
      ? flaw(`${name}: it counts from 1, or from -1 backwards; there is no 0`)
      : value;
  };

const list =
  <Value>(read: (text: string) => Value | Flaw) =>
  (text: string): readonly Value[] | Flaw =>
    readAll(text.split(','), read);

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

const readWeekday = (text: string): number | Flaw => {
  const weekday = WEEKDAYS.indexOf(text);
  return weekday < 0 ? flaw(`${quoted(text)} is none of ${WEEKDAYS.join(', ')}`) : weekday;
};

const MOST_WEEKS_OF_YEAR = 53;

const readByDay = (text: string): ByDay | Flaw => {
  const [, nText, day = text] = /^([+-]?\d+)?([A-Z]{2})$/.exec(text) ?? [];
  const weekday = readWeekday(day);
  if (isFlaw(weekday)) return flaw(`BYDAY: ${weekday.flaw}, alone or after a number such as -1`);
  if (nText === undefined) return { weekday };
  const n = readPlace('BYDAY', MOST_WEEKS_OF_YEAR)(nText);
  return isFlaw(n) ? n : { weekday, n };
};

const oneOf =
  <Word extends string>(name: string, words: readonly Word[]) =>
  (text: string): Word | Flaw =>
    words.find((word) => word === text) ??
    flaw(`${name}: ${quoted(text)} is none of ${words.join(', ')}`);

const readers = {
  FREQ: oneOf('FREQ', FREQUENCIES),
  INTERVAL: readWhole('INTERVAL', 1, MOST),
  COUNT: readWhole('COUNT', 1, MOST),
  UNTIL: readDate,
  BYSECOND: list(readWhole('BYSECOND', 0, 59)),
  BYMINUTE: list(readWhole('BYMINUTE', 0, 59)),
  BYHOUR: list(readWhole('BYHOUR', 0, 23)),
  BYDAY: list(readByDay),
  BYMONTHDAY: list(readPlace('BYMONTHDAY', 31)),
  BYYEARDAY: list(readPlace('BYYEARDAY', 366)),
  BYWEEKNO: list(readPlace('BYWEEKNO', MOST_WEEKS_OF_YEAR)),
  BYMONTH: list(readWhole('BYMONTH', 1, 12)),
  BYSETPOS: list(readPlace('BYSETPOS', 366)),
  WKST: (text: string): number | Flaw => {
    const weekday = readWeekday(text);
    return isFlaw(weekday) ? flaw(`WKST: ${weekday.flaw}`) : weekday;
  },
  RSCALE: oneOf('RSCALE', ['GREGORIAN']),
  SKIP: oneOf<Skip>('SKIP', ['OMIT', 'BACKWARD', 'FORWARD']),
} as const;

type Name = keyof typeof readers;
type Read = { -readonly [N in Name]?: Exclude<ReturnType<(typeof readers)[N]>, Flaw> };

const isName = (text: string): text is Name => Object.hasOwn(readers, text);

const MONDAY = 1;

const partsOf = (read: Read): Parts | Flaw => {
  if (read.FREQ === undefined) return flaw('RRULE: FREQ is missing, such as FREQ=DAILY');
  return {
    frequency: read.FREQ,
    interval: read.INTERVAL ?? 1,
    ...(read.COUNT !== undefined && { count: read.COUNT }),
    ...(read.UNTIL && { until: read.UNTIL }),
    ...(read.BYSECOND && { bySecond: read.BYSECOND }),
    ...(read.BYMINUTE && { byMinute: read.BYMINUTE }),
    ...(read.BYHOUR && { byHour: read.BYHOUR }),
    ...(read.BYDAY && { byDay: read.BYDAY }),
    ...(read.BYMONTHDAY && { byMonthDay: read.BYMONTHDAY }),
    ...(read.BYYEARDAY && { byYearDay: read.BYYEARDAY }),
    ...(read.BYWEEKNO && { byWeekNo: read.BYWEEKNO }),
    ...(read.BYMONTH && { byMonth: read.BYMONTH }),
    ...(read.BYSETPOS && { bySetPos: read.BYSETPOS }),
    weekStart: read.WKST ?? MONDAY,
    ...(read.SKIP && { skip: read.SKIP }),
  };
};

/** Reads the value of an RRULE line, each part by itself. */
export const readParts = (value: string): Parts | Flaw => {
  const read: Record<string, unknown> = {};
  for (const part of value.toUpperCase().split(';')) {
    const [name = '', text, ...rest] = part.split('=');
    if (text === undefined || rest.length > 0)
      return flaw(`RRULE: ${quoted(part)} is not NAME=value, such as FREQ=DAILY`);
    if (!isName(name))
      return flaw(`RRULE: ${quoted(name)} is none of ${Object.keys(readers).join(', ')}`);
    if (name in read) return flaw(`RRULE: ${name} is there twice`);
    const partValue = readers[name](text);
    if (isFlaw(partValue)) return flaw(`RRULE: ${partValue.flaw}`);
    read[name] = partValue;
  }
  return partsOf(read);
};
