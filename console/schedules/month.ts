import type { Occurrence, Schedule } from '../http/answers';
import { firstDayOfWeek } from '../time/week';
import { fromField, toField } from '../time/zones';

const DAY_MS = 24 * 60 * 60_000;
const QUARTER_MS = 15 * 60_000;

/** `2026-12`, `2026-12-24`: on the clocks of the schedule. */
export type MonthText = string;
export type DayText = string;

export const monthOf = (day: DayText): MonthText => day.slice(0, 7);
export const todayIn = (zone: string, now: number): DayText => toField(now, zone).slice(0, 10);

const utcOf = (day: DayText): number => Date.parse(`${day}T00:00:00Z`);
const textOf = (utc: number): DayText => new Date(utc).toISOString().slice(0, 10);

export const dayAfter = (day: DayText, days: number): DayText => textOf(utcOf(day) + days * DAY_MS);

/** The same day of another month, or its last one. */
export const monthAfter = (day: DayText, months: number): DayText => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return textOf(Date.UTC(year, month - 1 + months, Math.min(date, last)));
};

/** Six weeks, whatever the month: nothing moves from one to the next. */
export const weeksOf = (month: MonthText): readonly (readonly DayText[])[] => {
  const first = utcOf(`${month}-01`);
  const weekday = new Date(first).getUTCDay() || 7;
  const begin = first - ((weekday - firstDayOfWeek() + 7) % 7) * DAY_MS;
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_day, at) => textOf(begin + (7 * week + at) * DAY_MS)),
  );
};

/** When a day begins: clocks may leave its midnight out. */
export const startOf = (day: DayText, zone: string): number => {
  for (let wall = utcOf(day); wall < utcOf(day) + DAY_MS; wall += QUARTER_MS) {
    const at = fromField(new Date(wall).toISOString().slice(0, 19), zone);
    if (at !== undefined) return at;
  }
  return utcOf(day); // a zone that left out the whole day
};

const isText = (text: string | null, form: RegExp): text is string =>
  text !== null && form.test(text) && !Number.isNaN(utcOf(`${text}-01`.slice(0, 10)));

export const readMonth = (text: string | null): MonthText | undefined =>
  isText(text, /^\d{4}-(0[1-9]|1[0-2])$/) ? text : undefined;
export const readDay = (text: string | null): DayText | undefined =>
  isText(text, /^\d{4}-(0[1-9]|1[0-2])-\d\d$/) && !Number.isNaN(utcOf(text)) ? text : undefined;

/** What became of runs, or is to. */
export const OUTCOMES = ['planned', 'running', 'ran', 'failed', 'skipped'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const outcomeOf = ({ status, jobStatus }: Occurrence): Outcome => {
  if (status !== 'done') return status;
  return jobStatus === 'succeeded' ? 'ran' : 'failed';
};

/** When a run counts: where it was moved to, and where the rule has one that was made up for later. */
export const standsAt = ({ origin, dueAt, occurrenceAt }: Occurrence): number =>
  Date.parse(origin === 'backfill' ? occurrenceAt : (dueAt ?? occurrenceAt));

/** What clocks of the schedule show then: `2026-12-24T02:30:00`, by the server where it says so. */
export const wallTimeOf = (occurrence: Occurrence, zone: string): string =>
  (occurrence.origin === 'backfill' ? undefined : occurrence.localTime) ??
  toField(standsAt(occurrence), zone);

export const dayOf = (occurrence: Occurrence, zone: string): DayText =>
  wallTimeOf(occurrence, zone).slice(0, 10);

/** Runs by day, the oldest first. */
export const byDay = (
  occurrences: readonly Occurrence[],
  zone: string,
): ReadonlyMap<DayText, readonly Occurrence[]> => {
  const days = new Map<DayText, Occurrence[]>();
  for (const one of occurrences) {
    const day = dayOf(one, zone);
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return days;
};

export const countsOf = (
  occurrences: readonly Occurrence[],
): readonly (readonly [Outcome, number])[] =>
  OUTCOMES.flatMap((outcome) => {
    const those = occurrences.filter((one) => outcomeOf(one) === outcome);
    const many = those.reduce((sum, { count = 1 }) => sum + count, 0);
    return many === 0 ? [] : [[outcome, many] as const];
  });

/** Runs that were moved to here from where a list of this time does not look. */
export const movedHere = (
  { next }: Pick<Schedule, 'next'>,
  known: readonly Occurrence[],
): readonly Occurrence[] => {
  const listed = new Set(known.map(({ occurrenceAt }) => occurrenceAt));
  return next
    .filter(({ occurrenceAt, dueAt }) => occurrenceAt !== dueAt && !listed.has(occurrenceAt))
    .map(({ occurrenceAt, dueAt, localTime }) => ({
      ...{ occurrenceAt, dueAt, localTime },
      ...({ status: 'planned', origin: 'moved' } as const),
    }));
};
