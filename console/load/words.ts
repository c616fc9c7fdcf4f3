import { count, day, hourMinute, span } from '../time/format';
import type { Cell } from './grid';
import type { Step } from './window';

/** `Mon 30 Nov, 14:05` */
export const whenText = (at: number, step: Step, zone: string, now: number): string =>
  step === 'day'
    ? `${day(at, 'UTC', now)} (UTC)`
    : `${day(at, zone, now)}, ${hourMinute(at, zone)}`;

/** `1 job`, `1,204 jobs` */
export const jobsText = (jobs: number): string => `${count(jobs)} ${jobs === 1 ? 'job' : 'jobs'}`;

/** `1 run`, `1,204 runs` */
const runsText = (runs: number): string => `${count(runs)} ${runs === 1 ? 'run' : 'runs'}`;

/** What can be said of a bucket, in a sentence. */
export const cellText = (cell: Cell, step: Step, zone: string, now: number): string => {
  const when = whenText(cell.at, step, zone, now);
  const { late, waiting, planned } = cell;
  if (cell.jobs === 0 && planned === 0) return `${when}: nothing due`;
  const parts = [
    ...(waiting > 0 ? [`${jobsText(waiting)} ${cell.isAhead ? 'due' : 'not started'}`] : []),
    ...(planned > 0 ? [`${runsText(planned)} planned by schedules`] : []),
    ...(late
      ? [
          `${count(late.starts)} started, half within ${span(late.p50Ms)}, 99 % within ${span(late.p99Ms)}, the latest after ${span(late.maxMs)}`,
        ]
      : []),
  ];
  return `${when}: ${parts.join('; ')}`;
};

/** The window in a sentence or two: of what has been, and of what is to come. */
export const summary = (cells: readonly Cell[], step: Step, zone: string, now: number): string => {
  const late = cells.flatMap((cell) => (cell.late ? [{ cell, ...cell.late }] : []));
  const starts = late.reduce((sum, one) => sum + one.starts, 0);
  const worst = late.toSorted((a, b) => b.maxMs - a.maxMs)[0];
  const ahead = cells.filter(({ isAhead }) => isAhead);
  const waiting = ahead.reduce((sum, cell) => sum + cell.waiting, 0);
  const planned = ahead.reduce((sum, cell) => sum + cell.planned, 0);
  const fullest = ahead.toSorted((a, b) => b.waiting - a.waiting)[0];
  const started = worst
    ? `${count(starts)} started; the latest ${span(worst.maxMs)} after it was due, ${whenText(worst.cell.at, step, zone, now)}.`
    : 'Nothing has started.';
  const toCome =
    waiting > 0 && fullest
      ? `${jobsText(waiting)} to come, ${count(fullest.waiting)} of them ${whenText(fullest.at, step, zone, now)}.`
      : 'No job is to come.';
  return [
    ...(ahead.length < cells.length ? [started] : []),
    ...(ahead.length > 0 ? [toCome] : []),
    ...(planned > 0 ? [`Schedules plan ${runsText(planned)} more, which are no jobs yet.`] : []),
  ].join(' ');
};
