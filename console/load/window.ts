export const STEPS = ['minute', 'hour', 'day'] as const;
export type Step = (typeof STEPS)[number];

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const STEP_MS: Readonly<Record<Step, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};

type Look = {
  readonly rowMs: number;
  /** Rows before the one that the middle lies in, and from that one on. */
  readonly before: number;
  readonly after: number;
};

/** How far to look back and ahead: no further than the API answers at once. */
const LOOK: Readonly<Record<Step, Look>> = {
  minute: { rowMs: HOUR_MS, before: 12, after: 12 },
  hour: { rowMs: DAY_MS, before: 13, after: 14 },
  day: { rowMs: 7 * DAY_MS, before: 3, after: 4 },
};

export type Window = { readonly step: Step; readonly from: number; readonly to: number };

/** So long the API keeps how late things started. */
const KEPT_MS = 30 * DAY_MS;
/** The furthest that the API forecasts at once, by day. */
const AHEAD_MS = 366 * DAY_MS;

/** Whole rows around an instant. */
export const windowOf = (step: Step, middle: number): Window => {
  const { rowMs, before, after } = LOOK[step];
  const unit = Math.min(rowMs, DAY_MS);
  const row = Math.floor(middle / unit) * unit;
  return { step, from: row - before * rowMs, to: row + after * rowMs };
};

/**
 * The middle of the next window, or of the one before, without a gap between them. Undefined: it is the one around now,
 * which moves with it.
 */
export const middleAfter = (
  step: Step,
  middle: number,
  ways: 1 | -1,
  now: number,
): number | undefined => {
  const { from, to } = windowOf(step, middle);
  const next = middle + ways * (to - from);
  return Math.abs(next - now) < (to - from) / 2 ? undefined : next;
};

/** Whether there can be anything in the window before this one, or in the next. */
export const canGo = ({ from, to }: Window, ways: 1 | -1, now: number): boolean =>
  ways < 0 ? from > now - KEPT_MS : to < now + AHEAD_MS;

/** The middle that an address names, as far as there can be anything in its window; undefined: now. */
export const readMiddle = (text: string | null, step: Step, now: number): number | undefined => {
  const at = text === null ? NaN : Date.parse(text);
  const { from, to } = windowOf(step, 0);
  return Number.isNaN(at)
    ? undefined
    : Math.min(Math.max(at, now - KEPT_MS - to), now + AHEAD_MS - from);
};

/** Since when to ask how late things started: no longer than it is kept, so that one answer has all of it. */
export const latenessFrom = ({ from }: Window, now: number): number =>
  Math.max(from, Math.floor((now - KEPT_MS) / DAY_MS) * DAY_MS);
