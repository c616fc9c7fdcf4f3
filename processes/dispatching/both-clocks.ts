import type { Instant, Clock } from '../../domain/time';
import type { Timers } from '../runtime/timers';

/** The time by the slower of two clocks, so that nothing is early by either. */
export type BothClocks = {
  readonly now: () => Instant;
  /** Takes the database's time, as it arrives. */
  readonly sample: (databaseNow: Instant) => void;
};

/** Readings kept: eight, at four a second, so that a database clock set back is believed within two seconds. */
const SAMPLES = 8;

/**
 * Follows the database clock by readings. An answer is on its way for a while, so each reading is a lower
 * bound, and the greatest of the last few is the tightest that is safe.
 */
export const bothClocks = (clock: Clock, timers: Timers): BothClocks => {
  const offsets: number[] = [];
  return {
    sample: (databaseNow) => {
      offsets.push(databaseNow - timers.monotonicMs());
      if (offsets.length > SAMPLES) offsets.shift();
    },
    now: () => {
      const offset = Math.max(...offsets);
      // before the first reading the maximum is minus infinity: nothing is due yet
      return Math.min(clock.now(), Math.floor(offset + timers.monotonicMs()));
    },
  };
};
