import type { Instant } from '../../domain/time';
import type { Timers } from '../timers';

/** Notices when the database clock was set, or when the machine was asleep. */
export type SteadyClock = {
  /** False from a jump on until `calmMs` have passed: ages mean nothing meanwhile. */
  readonly isSteadyAt: (databaseNow: Instant) => boolean;
};

/** A difference between two clocks that no delay of an answer explains. */
const JUMP_MS = 2_000;

export const steadyClock = (timers: Timers, calmMs: number): SteadyClock => {
  let offset: number | undefined;
  let calmFrom = 0;
  return {
    isSteadyAt: (databaseNow) => {
      const now = timers.monotonicMs();
      const before = offset;
      offset = databaseNow - now;
      if (before !== undefined && Math.abs(offset - before) > JUMP_MS) calmFrom = now + calmMs;
      return now >= calmFrom;
    },
  };
};
