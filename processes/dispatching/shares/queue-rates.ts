import { tokenBuckets, type Rate } from '../../runtime/token-buckets';
import type { Timers } from '../../runtime/timers';
import type { LimitsInForce } from './share-limits';

/** Dispatches a second, queue by queue, where operators have set a rate. */
export type QueueRates = {
  readonly isOver: (queue: string) => boolean;
  readonly begin: (queue: string) => void;
  readonly giveBack: (queue: string) => void;
  /** @param share  this dispatcher's part of all shards, from 0 to 1 */
  readonly setShare: (share: number) => void;
};

/** A queue that was quiet may send what belongs to this long at once, and one job at least. */
const BURST_MS = 100;
const MAX_QUEUES = 10_000;

export const queueRates = (limits: LimitsInForce, timers: Timers): QueueRates => {
  const buckets = tokenBuckets(timers, MAX_QUEUES);
  let share = 1;

  const rateOf = (queue: string): Rate | undefined => {
    const { ratePerSecond } = limits.limitsOfQueue(queue);
    if (ratePerSecond === undefined) return undefined;
    const perSecond = ratePerSecond * share;
    return { perSecond, burst: Math.max(1, (perSecond * BURST_MS) / 1_000) };
  };
  const take = (queue: string, count: number): void => {
    const rate = rateOf(queue);
    if (rate) buckets.take(queue, count, rate);
  };

  return {
    isOver: (queue) => {
      const rate = rateOf(queue);
      return rate !== undefined && buckets.left(queue, rate) < 1;
    },
    begin: (queue) => {
      take(queue, 1);
    },
    giveBack: (queue) => {
      take(queue, -1);
    },
    setShare: (part) => {
      share = part;
    },
  };
};
