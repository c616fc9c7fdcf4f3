import { floorTo, forecastStepMs, type ForecastStep, type ForecastWindow } from './forecast';
import type { Instant } from './time';

const DAY_MS = forecastStepMs.day;

/** Counts of how late jobs started are kept this long after the jobs were due. */
export const LATENESS_KEPT_MS = 30 * DAY_MS;

/** Cells between a power of two and the next. */
const CELLS_PER_DOUBLING = 8;
/** 34 years: whatever is later falls into the last cell. */
const DOUBLINGS = 40;

/**
 * Where each cell of a histogram of lateness begins, in whole ms: exact below 16, then eight to each doubling. Counts
 * in such cells add up, whoever counted, and a percentile read from them is off by a sixteenth of itself at most.
 */
export const latenessCells: readonly number[] = [
  ...Array.from({ length: CELLS_PER_DOUBLING }, (_, n) => n),
  ...Array.from({ length: DOUBLINGS - 3 }, (_, power) =>
    Array.from({ length: CELLS_PER_DOUBLING }, (_, n) => (CELLS_PER_DOUBLING + n) * 2 ** power),
  ).flat(),
];

/** What a cell stands for: the ms in its middle. @param worstMs  the most that was counted: it stands for no more */
export const msOfCell = (cell: number, worstMs: number): number => {
  const from = latenessCells[cell] ?? 0;
  const next = latenessCells[cell + 1];
  return next === undefined ? worstMs : Math.min(worstMs, Math.round((from + next - 1) / 2));
};

/** The longest window by each step: at most 1,440 buckets of whole time. */
export const latenessSpanMs: Readonly<Record<ForecastStep, number>> = {
  minute: DAY_MS,
  hour: 31 * DAY_MS,
  day: 31 * DAY_MS,
};

const ceilTo = (lengthMs: number, at: Instant): Instant => -floorTo(lengthMs, -at);

/**
 * Buckets that cover what was asked for: by default up to now, and as far back as the step allows.
 *
 * @returns  `ends-before-it-begins`, or `too-long` for the step
 */
export const latenessWindow = (
  asked: { readonly step: ForecastStep; readonly from?: Instant; readonly to?: Instant },
  now: Instant,
): ForecastWindow | { readonly problem: 'ends-before-it-begins' | 'too-long' } => {
  const { step } = asked;
  const lengthMs = forecastStepMs[step];
  const from = asked.from === undefined ? undefined : floorTo(lengthMs, asked.from);
  const latest = from === undefined ? now : Math.min(now, from + latenessSpanMs[step]);
  const to = ceilTo(lengthMs, asked.to ?? latest);
  const begins = from ?? to - latenessSpanMs[step];
  if (to <= begins) return { problem: 'ends-before-it-begins' };
  return to - begins > latenessSpanMs[step] ? { problem: 'too-long' } : { step, from: begins, to };
};
