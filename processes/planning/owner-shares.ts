import { systemTimers, type Timers } from '../runtime/timers';
import { tokenBuckets } from '../runtime/token-buckets';

/**
 * What owners may plan. One whose schedules ask for more occurrences than the planner can plan waits for himself: those
 * of all others are planned in time, and what his wait for too long was missed.
 */
export type OwnerShares = {
  /** Whether an owner has something left of his share. */
  readonly has: (ownerId: string) => boolean;
  /** So many occurrences of an owner were planned; more than were left are waited for. */
  readonly take: (ownerId: string, occurrences: number) => void;
};

/** A share of so many seconds may be taken at once: schedules meet at midnight. */
const BURST_S = 10;
const MAX_OWNERS = 100_000;

/** @param perSecond  occurrences of an owner, over a while */
export const ownerShares = (
  perSecond: number,
  timers: Pick<Timers, 'monotonicMs'> = systemTimers,
): OwnerShares => {
  const buckets = tokenBuckets(timers, MAX_OWNERS);
  const rate = { perSecond, burst: perSecond * BURST_S };
  return {
    has: (ownerId) => buckets.left(ownerId, rate) >= 1,
    take: (ownerId, occurrences) => {
      buckets.take(ownerId, occurrences, rate);
    },
  };
};
