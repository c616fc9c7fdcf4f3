/** Monotonic time and one-shot timers as a port, so that tests turn the clock themselves. */
export type Timers = {
  /** Milliseconds since some fixed moment, with fractions; never jumps with the wall clock. */
  readonly monotonicMs: () => number;
  /** Runs once after `delayMs`; may come up to a millisecond early. @returns a cancel */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

/** A longer one of Node's would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Runs once after `delayMs`, however long that is. @returns a cancel */
const after: Timers['after'] = (delayMs, run) => {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    timer =
      leftMs > MAX_TIMER_MS
        ? setTimeout(() => wait(leftMs - MAX_TIMER_MS), MAX_TIMER_MS)
        : setTimeout(run, leftMs);
  };
  wait(delayMs);
  return () => {
    clearTimeout(timer);
  };
};

export const systemTimers: Timers = { monotonicMs: () => performance.now(), after };
