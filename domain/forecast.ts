import type { Instant } from './time';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long one bucket is; hours and days are those of UTC. */
export const forecastStepMs = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;

export type ForecastStep = keyof typeof forecastStepMs;

export const isForecastStep = (text: string): text is ForecastStep =>
  Object.hasOwn(forecastStepMs, text);

/** The longest window by each step: at most 1,440 buckets of whole time. */
export const forecastSpanMs: Readonly<Record<ForecastStep, number>> = {
  minute: DAY_MS,
  hour: 31 * DAY_MS,
  day: 366 * DAY_MS,
};

/** Whole buckets; `to` is exclusive. */
export type ForecastWindow = {
  readonly step: ForecastStep;
  readonly from: Instant;
  readonly to: Instant;
};

/** Later times have no timestamp that everybody can read. */
const LAST: Instant = Date.UTC(9_999, 11, 31);

/** Where the bucket of this length begins that an instant lies in. */
export const floorTo = (lengthMs: number, at: Instant): Instant =>
  Math.floor(at / lengthMs) * lengthMs;

/** The minute that an instant lies in. */
export const minuteOf = (at: Instant): Instant => floorTo(MINUTE_MS, at);

/**
 * Buckets that cover what was asked for: by default from now on, and as far as the step allows.
 *
 * @returns  `ends-before-it-begins`, or `too-long` for the step
 */
export const forecastWindow = (
  asked: { readonly step: ForecastStep; readonly from?: Instant; readonly to?: Instant },
  now: Instant,
): ForecastWindow | { readonly problem: 'ends-before-it-begins' | 'too-long' } => {
  const { step } = asked;
  const lengthMs = forecastStepMs[step];
  const from = floorTo(lengthMs, asked.from ?? now);
  const longest = Math.min(LAST, from + forecastSpanMs[step]);
  const to = asked.to === undefined ? longest : -floorTo(lengthMs, -asked.to);
  if (to <= from) return { problem: 'ends-before-it-begins' };
  return to > longest ? { problem: 'too-long' } : { step, from, to };
};
