import type { Instant } from '../time';
import { drawAt, seedFor } from './draw';

/** Jobs in columns, for there may be millions: the n-th of each belong together. */
export type Load = {
  readonly dueAt: Float64Array;
  /** How long each runs, in ms. */
  readonly durationMs: Float64Array;
};

export type Durations = {
  readonly meanMs: number;
  readonly kind: 'constant' | 'exponential';
};

export const synthesisPatterns = ['uniform', 'top-of-hour', 'burst'] as const;

export type Synthesis = {
  readonly jobs: number;
  readonly from: Instant;
  /** How long jobs come, in ms. */
  readonly overMs: number;
  /** By chance, at full hours only, or all at `from`. */
  readonly pattern: (typeof synthesisPatterns)[number];
  readonly durations: Durations;
};

const HOUR_MS = 3_600_000;
const [DUE_DRAWS, DURATION_DRAWS] = [1, 2];

const durationsOf = (jobs: number, { meanMs, kind }: Durations, seed: number): Float64Array => {
  if (kind === 'constant') return new Float64Array(jobs).fill(meanMs);
  const draws = seedFor(seed, DURATION_DRAWS);
  return Float64Array.from({ length: jobs }, (_, n) => -meanMs * Math.log(1 - drawAt(draws, n)));
};

/** Jobs whose due times are known and whose durations are not. */
export const loadOf = (dueAt: Float64Array, durations: Durations, seed: number): Load => ({
  dueAt,
  durationMs: durationsOf(dueAt.length, durations, seed),
});

/** A load that nobody has had. The same seed, the same load. */
export const synthesize = (synthesis: Synthesis, seed: number): Load => {
  const { jobs, from, overMs, pattern, durations } = synthesis;
  const draws = seedFor(seed, DUE_DRAWS);
  const firstHour = Math.ceil(from / HOUR_MS) * HOUR_MS;
  const hours = Math.max(1, Math.ceil((from + overMs - firstHour) / HOUR_MS));
  const dueOf = {
    uniform: (n: number) => from + Math.floor(drawAt(draws, n) * overMs),
    'top-of-hour': (n: number) => firstHour + Math.floor(drawAt(draws, n) * hours) * HOUR_MS,
    burst: () => from,
  }[pattern];
  return loadOf(
    Float64Array.from({ length: jobs }, (_, n) => dueOf(n)),
    durations,
    seed,
  );
};
