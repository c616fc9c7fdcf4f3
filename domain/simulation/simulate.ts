import { drawAt, seedFor } from './draw';
import { earliestFirst } from './earliest';
import type { Load } from './load';

export type SimulationSettings = {
  readonly dispatchers: number;
  /** Of each dispatcher. */
  readonly dispatchesPerSecond: number;
  readonly executors: number;
  /** Jobs that each executor runs at once. */
  readonly capacity: number;
  /** Jobs that are due at the same instant come by chance within so long after it; 0: immediately. */
  readonly spreadWindowMs: number;
  /** From the dispatch to the start, when an executor is free. */
  readonly claimLatencyMs: number;
};

/** What became of each job, in the order that they were taken in: the n-th of each belong together. */
export type Course = {
  readonly dueAt: Float64Array;
  /** When it came up for dispatch: its due time, or later where jobs are spread. Rising. */
  readonly readyAt: Float64Array;
  /** Rising. */
  readonly dispatchedAt: Float64Array;
  /** Rising. */
  readonly startedAt: Float64Array;
  readonly finishedAt: Float64Array;
};

const SPREAD_DRAWS = 3;

/** Places in the order of their times; of the same time, the lower place first. */
const orderOf = (times: Float64Array): Uint32Array =>
  Uint32Array.from(times, (_, place) => place).sort(
    (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b,
  );

const inOrder = (times: Float64Array, order: Uint32Array): Float64Array =>
  Float64Array.from(order, (place) => times[place] ?? 0);

/** When each job comes up, of due times in their order: one that is alone at its instant is left where it is. */
const spread = (dueAt: Float64Array, windowMs: number, seed: number): Float64Array => {
  const draws = seedFor(seed, SPREAD_DRAWS);
  return dueAt.map((at, n) =>
    at === dueAt[n - 1] || at === dueAt[n + 1] ? at + drawAt(draws, n) * windowMs : at,
  );
};

type Arrivals = Pick<Course, 'dueAt' | 'readyAt'> & { readonly durationMs: Float64Array };

/** The load in the order in which jobs come up for dispatch. */
const arrivals = (load: Load, { spreadWindowMs }: SimulationSettings, seed: number): Arrivals => {
  const byDue = orderOf(load.dueAt);
  const dueAt = inOrder(load.dueAt, byDue);
  const durationMs = inOrder(load.durationMs, byDue);
  if (spreadWindowMs === 0) return { dueAt, readyAt: dueAt, durationMs };
  const readyAt = spread(dueAt, spreadWindowMs, seed);
  const byReady = orderOf(readyAt);
  return {
    dueAt: inOrder(dueAt, byReady),
    readyAt: inOrder(readyAt, byReady),
    durationMs: inOrder(durationMs, byReady),
  };
};

/** Each dispatcher takes the oldest job and is busy with it for its share of a second; all are equally fast. */
const dispatch = (readyAt: Float64Array, settings: SimulationSettings): Float64Array => {
  const busyMs = 1_000 / settings.dispatchesPerSecond;
  const dispatchedAt = new Float64Array(readyAt.length);
  for (let n = 0; n < readyAt.length; n++) {
    const freeAt = (dispatchedAt[n - settings.dispatchers] ?? -Infinity) + busyMs;
    dispatchedAt[n] = Math.max(readyAt[n] ?? 0, freeAt);
  }
  return dispatchedAt;
};

/** The oldest dispatched job gets the first free place of any executor. */
const start = (
  dispatchedAt: Float64Array,
  durationMs: Float64Array,
  { executors, capacity, claimLatencyMs }: SimulationSettings,
): Float64Array => {
  const jobs = dispatchedAt.length;
  const places = executors * capacity;
  const finishes = earliestFirst(Math.min(places, jobs));
  const startedAt = new Float64Array(jobs);
  for (let n = 0; n < jobs; n++) {
    const claimedAt = (dispatchedAt[n] ?? 0) + claimLatencyMs;
    while (finishes.earliest() <= claimedAt) finishes.drop();
    const isFull = finishes.count() === places;
    const at = isFull ? finishes.earliest() : claimedAt;
    if (isFull) finishes.drop();
    startedAt[n] = at;
    finishes.add(at + (durationMs[n] ?? 0));
  }
  return startedAt;
};

/**
 * How a load would go: due, spread, dispatched first come, first served, and run by the first free
 * executor. Knows no clock: all times follow from the load, the settings and the seed.
 */
export const simulate = (load: Load, settings: SimulationSettings, seed: number): Course => {
  const { dueAt, readyAt, durationMs } = arrivals(load, settings, seed);
  const dispatchedAt = dispatch(readyAt, settings);
  const startedAt = start(dispatchedAt, durationMs, settings);
  return {
    dueAt,
    readyAt,
    dispatchedAt,
    startedAt,
    finishedAt: startedAt.map((at, n) => at + (durationMs[n] ?? 0)),
  };
};
