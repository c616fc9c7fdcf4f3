import type { Figures } from './row';

/** To three significant digits, and to the unit from a thousand on. */
export const rounded = (value: number): number =>
  Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));

/**
 * @param sorted  ascending
 * @param share   of 1
 */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** The usual percentiles of durations in milliseconds. */
export const percentiles = (
  durationsMs: readonly number[],
): { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number } => {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  return {
    p50Ms: rounded(quantile(sorted, 0.5)),
    p99Ms: rounded(quantile(sorted, 0.99)),
    maxMs: rounded(sorted.at(-1) ?? Number.NaN),
  };
};

const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

/** Median, smallest and largest of each figure over runs that give the same figures. */
export const ofRuns = (runs: readonly Figures[]) => {
  const names = Object.keys(runs[0] ?? {});
  const series = names.map((name) => [name, runs.map((run) => run[name] ?? Number.NaN)] as const);
  return {
    values: Object.fromEntries(series.map(([name, its]) => [name, median(its)])),
    range: Object.fromEntries(
      series.map(([name, its]) => [name, [Math.min(...its), Math.max(...its)] as const]),
    ),
    runs: runs.length,
  };
};
