/** How long answers usually take, as TCP reckons it (RFC 6298). */
export type AnswerTime = {
  readonly took: (ms: number) => void;
  /** An answer that is not there after this long is unusual. */
  readonly patienceMs: () => number;
};

/** Shorter ones are noise of a busy machine. */
const MIN_PATIENCE_MS = 150;
const FIRST_PATIENCE_MS = 250;

export const answerTime = (): AnswerTime => {
  let smoothed: number | undefined;
  let variation = 0;
  return {
    took: (ms) => {
      if (smoothed === undefined) {
        smoothed = ms;
        variation = ms / 2;
        return;
      }
      variation += (Math.abs(ms - smoothed) - variation) / 4;
      smoothed += (ms - smoothed) / 8;
    },
    patienceMs: () =>
      smoothed === undefined
        ? FIRST_PATIENCE_MS
        : Math.max(MIN_PATIENCE_MS, smoothed + 4 * variation),
  };
};
