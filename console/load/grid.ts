import type { Forecast, Lateness, PlannedRuns } from '../http/answers';
import { day, hourMinute, offsetMs } from '../time/format';
import { firstDayOfWeek } from '../time/week';
import { DAY_MS, HOUR_MS, STEP_MS, type Step, type Window } from './window';

const MINUTE_MS = STEP_MS.minute;

export type Late = Lateness['buckets'][number];

/** What is known of a bucket of time. */
export type Cell = {
  readonly at: number;
  readonly to: number;
  /** Due in it: what has started, and what waits. */
  readonly jobs: number;
  readonly waiting: number;
  /** Runs of schedules that are no jobs yet. */
  readonly planned: number;
  readonly late: Late | undefined;
  readonly isAhead: boolean;
};

export type GridRow = {
  readonly label: string;
  /** By column; absent: outside of the window. */
  readonly cells: readonly (Cell | undefined)[];
};

const COLUMNS: Readonly<Record<Step, number>> = { minute: 60, hour: 24, day: 7 };

/** 1 January 1970 was a Thursday. */
const THURSDAY = 4;

/** The row and column that a bucket has. Days are those of UTC, as the server counts them. */
const placeOf = (step: Step, at: number, zone: string) => {
  const offset = offsetMs(at, zone);
  switch (step) {
    case 'minute': {
      const local = at + (offset % HOUR_MS); // rows of an hour that comes twice stay two
      return { row: Math.floor(local / HOUR_MS), column: Math.floor(local / MINUTE_MS) % 60 };
    }
    case 'hour': {
      const local = at + offset;
      return { row: Math.floor(local / DAY_MS), column: Math.floor(local / HOUR_MS) % 24 };
    }
    case 'day': {
      const days = Math.floor(at / DAY_MS) + THURSDAY - firstDayOfWeek();
      return { row: Math.floor(days / 7), column: days % 7 };
    }
  }
};

const labelOf = (step: Step, at: number, zone: string, now: number): string => {
  if (step === 'minute') return hourMinute(at, zone);
  return day(at, step === 'day' ? 'UTC' : zone, now);
};

/** What was read of the window; what was not read yet is nothing. */
export type Known = {
  readonly forecast: Forecast | undefined;
  readonly lateness: Lateness | undefined;
  readonly planned: PlannedRuns | undefined;
};

/** Every bucket of the window in its place, also those in which nothing is due. */
export const gridOf = (
  { step, from, to }: Window,
  { forecast, lateness, planned }: Known,
  zone: string,
  now: number,
): readonly GridRow[] => {
  const waits = new Map(forecast?.buckets.map(({ at, jobs }) => [Date.parse(at), jobs]));
  const late = new Map(lateness?.buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  const runs = new Map(planned?.buckets.map(({ at, runs: many }) => [Date.parse(at), many]));
  const rows = new Map<number, { label: string; cells: (Cell | undefined)[] }>();
  for (let at = from; at < to; at += STEP_MS[step]) {
    const { row: key, column } = placeOf(step, at, zone);
    let row = rows.get(key);
    if (!row) {
      row = {
        label: labelOf(step, at, zone, now),
        cells: Array.from({ length: COLUMNS[step] }, () => undefined),
      };
      rows.set(key, row);
    }
    const before = row.cells[column]; // an hour that clocks show twice
    const waiting = (waits.get(at) ?? 0) + (before?.waiting ?? 0);
    const toPlan = at > now ? (runs.get(at) ?? 0) : 0; // what has come is a job
    const started = late.get(at);
    row.cells[column] = {
      at: before?.at ?? at,
      to: at + STEP_MS[step],
      jobs: (waits.get(at) ?? 0) + (started?.starts ?? 0) + (before?.jobs ?? 0),
      waiting,
      planned: toPlan + (before?.planned ?? 0),
      late: started ?? before?.late,
      isAhead: at > now,
    };
  }
  return [...rows.values()];
};

export const LEVELS = 5;

/** From 0, nothing, to 5, the most of all: each level holds about as many times more than the one before. */
export const levelOf = (jobs: number, most: number): number =>
  jobs === 0 ? 0 : Math.max(1, Math.ceil((LEVELS * Math.log(jobs + 1)) / Math.log(most + 1)));
