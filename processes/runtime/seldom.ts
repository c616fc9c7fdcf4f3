import type { Logger } from './logger';
import { systemTimers, type Timers } from './timers';

/** Between two lines of one kind, in ms. */
const EVERY_MS = 30_000;

/**
 * Warns of what may happen hundreds of times a second: of the first one immediately, then each half minute with how
 * many there were. Whether it is over, the vitals of the process say.
 */
export const seldom = (
  logger: Pick<Logger, 'warn'>,
  message: string,
  timers: Pick<Timers, 'monotonicMs'> = systemTimers,
): ((error: unknown) => void) => {
  let toldMs = -Infinity;
  let times = 0;
  return (error) => {
    times += 1;
    if (timers.monotonicMs() - toldMs < EVERY_MS) return;
    logger.warn({ err: error, times }, message);
    toldMs = timers.monotonicMs();
    times = 0;
  };
};
