import type { Clock } from '../../domain/time';
import type { ServerTime } from '../../infra/server-time';

export type SureClock = Clock & {
  /** By how much the program's own clock is ahead of it, in ms: 0 or more. */
  readonly leadMs: () => number;
  /** Compares the two clocks. @throws when the server does not answer */
  readonly compare: () => Promise<void>;
};

/**
 * The earlier of two clocks, the program's own and a server's. A program whose clock is an hour fast would take the
 * runs of the coming hour for missed, for good: what has come is what both say.
 */
export const sureClock = ({ now }: Clock, serverTime: ServerTime): SureClock => {
  let leadMs = 0;
  return {
    now: () => now() - leadMs,
    leadMs: () => leadMs,
    compare: async () => {
      const askedAt = now(); // the answer is younger: what it took makes no lead
      const told = await serverTime();
      leadMs = told ? Math.max(0, Math.floor(askedAt - told.nowMs)) : 0;
    },
  };
};
