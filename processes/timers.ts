/** Monotonic time and one-shot timers as a port, so that tests turn the clock themselves. */
export type Timers = {
  /** Milliseconds since some fixed moment, with fractions; never jumps with the wall clock. */
  readonly monotonicMs: () => number;
  /** Runs once after `delayMs`; may come up to a millisecond early. @returns a cancel */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
