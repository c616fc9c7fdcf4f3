const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far back a slider reaches, and from stop to stop: some 150 of them, at round times. */
export const REACHES = {
  hour: { name: 'an hour', spanMs: HOUR_MS, stepMs: 30 * SECOND_MS },
  day: { name: 'a day', spanMs: DAY_MS, stepMs: 10 * MINUTE_MS },
  week: { name: 'a week', spanMs: 7 * DAY_MS, stepMs: HOUR_MS },
  quarter: { name: '90 days', spanMs: 90 * DAY_MS, stepMs: 12 * HOUR_MS },
  year: { name: 'a year', spanMs: 366 * DAY_MS, stepMs: 2 * DAY_MS },
} as const;
export type Reach = keyof typeof REACHES;

const ALL = Object.keys(REACHES) as readonly Reach[]; // the keys that it was written with

/** The shortest one that comes as far as this. */
export const reachTo = (at: number, end: number): Reach =>
  ALL.find((reach) => at >= end - REACHES[reach].spanMs) ?? 'year';

/** Round times, the oldest first, and the end. */
export const stopsOf = (reach: Reach, end: number): readonly number[] => {
  const { spanMs, stepMs } = REACHES[reach];
  const stops: number[] = [];
  const first = Math.ceil((end - spanMs) / stepMs) * stepMs;
  for (let at = first; at < end; at += stepMs) stops.push(at);
  return [...stops, end];
};

/** Which of the stops, the oldest first, is the last one that lies no later; the first when all do. */
export const stopAt = (stops: readonly number[], at: number): number =>
  Math.max(
    0,
    stops.findLastIndex((stop) => stop <= at),
  );
