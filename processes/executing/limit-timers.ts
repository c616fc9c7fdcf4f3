import type { Timers } from '../runtime/timers';

/** What a limit is counted in: finer costs more, coarser gives more to those who slept. */
const SLICE_MS = 1_000;
/** A slice that took longer by this much was interrupted: the program, or the machine, stood still. */
const GAP_MS = 1_000;

/**
 * Timers for limits of running jobs: time in which this program stood still counts for nothing, for the
 * job stood still as well. A slice in which that happened begins again.
 */
export const limitTimers = (timers: Timers): Timers => ({
  monotonicMs: timers.monotonicMs,
  after: (delayMs, run) => {
    let leftMs = delayMs;
    let cancel = (): void => undefined;
    const next = (): void => {
      const sliceMs = Math.min(leftMs, SLICE_MS);
      const fromMs = timers.monotonicMs();
      cancel = timers.after(sliceMs, () => {
        const wasInterrupted = timers.monotonicMs() - fromMs > sliceMs + GAP_MS;
        if (!wasInterrupted) leftMs -= sliceMs;
        if (leftMs > 0 || wasInterrupted) next();
        else run();
      });
    };
    next();
    return () => {
      cancel();
    };
  },
});
