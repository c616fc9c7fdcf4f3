import type { Instant } from '../time';
import type { Course } from './simulate';

/** From due to start, in whole ms. */
export type Lateness = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

/** What happened in a minute, each thing counted in the minute that it happened in. */
export type MinuteLoad = {
  readonly at: Instant;
  readonly due: number;
  readonly dispatched: number;
  readonly started: number;
  readonly finished: number;
  /** Most jobs that ran at one moment. */
  readonly runningPeak: number;
  /** Most jobs that had come up and not started at one moment. */
  readonly backlogPeak: number;
  /** Of the jobs that are due in this minute; absent when there are none. */
  readonly lateness?: Lateness;
};

export type TotalLoad = {
  readonly jobs: number;
  readonly lateness: Lateness;
  readonly runningPeak: number;
  readonly backlogPeak: number;
  readonly lastFinishedAt: Instant;
};

const MINUTE_MS = 60_000;

/** The smallest value that `share` of the sorted values do not exceed. */
const percentile = (sorted: Float64Array, share: number): number =>
  Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);

const latenessOf = (latenessMs: Float64Array): Lateness => {
  const sorted = latenessMs.toSorted();
  return {
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: percentile(sorted, 1),
  };
};

const countBy = (times: Float64Array, minuteOf: (at: number) => number, minutes: number) => {
  const counts = new Uint32Array(minutes);
  for (const at of times) counts[minuteOf(at)] = (counts[minuteOf(at)] ?? 0) + 1;
  return counts;
};

/** The highest level of each minute, of what rises and falls by one at these times; both sorted. */
const peaks = (
  rises: Float64Array,
  falls: Float64Array,
  minuteOf: (at: number) => number,
  minutes: number,
): Uint32Array => {
  const highest = new Uint32Array(minutes);
  let [risen, fallen] = [0, 0];
  let reached = 0; // minutes up to here have had the level that they begin with
  while (fallen < falls.length) {
    const at = Math.min(rises[risen] ?? Infinity, falls[fallen] ?? Infinity);
    const level = risen - fallen;
    for (; reached <= minuteOf(at); reached++)
      highest[reached] = Math.max(highest[reached] ?? 0, level);
    // what rises and falls at the same moment leaves the level as it was
    while (rises[risen] === at) risen += 1;
    while (falls[fallen] === at) fallen += 1;
    const minute = minuteOf(at);
    highest[minute] = Math.max(highest[minute] ?? 0, risen - fallen);
  }
  return highest;
};

const maxOf = (values: Uint32Array): number =>
  values.reduce((max, value) => Math.max(max, value), 0);

/** Of each minute, of times in the order of their minutes. */
const latenessByMinute = (
  { dueAt, startedAt }: Course,
  due: Uint32Array,
  minuteOf: (at: number) => number,
): readonly Float64Array[] => {
  const parts = Array.from(due, (jobs) => new Float64Array(jobs));
  const filled = new Uint32Array(due.length);
  dueAt.forEach((at, n) => {
    const minute = minuteOf(at);
    const place = filled[minute] ?? 0;
    const part = parts[minute];
    if (part) part[place] = (startedAt[n] ?? 0) - at;
    filled[minute] = place + 1;
  });
  return parts;
};

/** A course as what an operator looks at; minutes in which nothing happened are left out. */
export const byMinute = (
  course: Course,
): { readonly minutes: readonly MinuteLoad[]; readonly total: TotalLoad } => {
  const { dueAt, readyAt, dispatchedAt, startedAt, finishedAt } = course;
  const first = Math.floor(dueAt.reduce((min, at) => Math.min(min, at), Infinity) / MINUTE_MS);
  const lastFinishedAt = finishedAt.reduce((max, at) => Math.max(max, at), 0);
  const length = dueAt.length === 0 ? 0 : Math.floor(lastFinishedAt / MINUTE_MS) - first + 1;
  const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS) - first;
  const counted = (times: Float64Array): Uint32Array => countBy(times, minuteOf, length);
  const [due, dispatched] = [counted(dueAt), counted(dispatchedAt)];
  const [started, finished] = [counted(startedAt), counted(finishedAt)];
  const running = peaks(startedAt, finishedAt.toSorted(), minuteOf, length);
  const backlog = peaks(readyAt, startedAt, minuteOf, length);
  const lateness = latenessByMinute(course, due, minuteOf);
  const minutes = lateness.flatMap((late, n): MinuteLoad[] => {
    const counts = {
      due: late.length,
      dispatched: dispatched[n] ?? 0,
      started: started[n] ?? 0,
      finished: finished[n] ?? 0,
    };
    if (Object.values(counts).every((count) => count === 0)) return [];
    return [
      {
        at: (first + n) * MINUTE_MS,
        ...counts,
        runningPeak: running[n] ?? 0,
        backlogPeak: backlog[n] ?? 0,
        ...(late.length > 0 && { lateness: latenessOf(late) }),
      },
    ];
  });
  return {
    minutes,
    total: {
      jobs: dueAt.length,
      lateness: latenessOf(startedAt.map((at, n) => at - (dueAt[n] ?? 0))),
      runningPeak: maxOf(running),
      backlogPeak: maxOf(backlog),
      lastFinishedAt: Math.round(lastFinishedAt),
    },
  };
};
