import { LRUCache } from 'lru-cache';
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

type Bucket = { tokens: number; atMs: number };

/** A queue that was quiet may send what belongs to this long at once, and one job at least. */
const BURST_MS = 100;
/** The bucket that was used longest ago goes when there are more: it has filled up since. */
const MAX_BUCKETS = 10_000;

export const queueRates = (limits: LimitsInForce, timers: Timers): QueueRates => {
  const buckets = new LRUCache<string, Bucket>({ max: MAX_BUCKETS });
  let share = 1;

  const perSecondOf = (queue: string): number | undefined => {
    const { ratePerSecond } = limits.limitsOfQueue(queue);
    return ratePerSecond === undefined ? undefined : ratePerSecond * share;
  };
  const fill = (queue: string, perSecond: number): Bucket => {
    const now = timers.monotonicMs();
    const most = Math.max(1, (perSecond * BURST_MS) / 1_000);
    const bucket = buckets.get(queue) ?? { tokens: most, atMs: now };
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.atMs) * perSecond) / 1_000);
    bucket.atMs = now;
    buckets.set(queue, bucket);
    return bucket;
  };
  const change = (queue: string, by: number): void => {
    const perSecond = perSecondOf(queue);
    if (perSecond !== undefined) fill(queue, perSecond).tokens += by;
  };

  return {
    isOver: (queue) => {
      const perSecond = perSecondOf(queue);
      return perSecond !== undefined && fill(queue, perSecond).tokens < 1;
    },
    begin: (queue) => {
      change(queue, -1);
    },
    giveBack: (queue) => {
      change(queue, 1);
    },
    setShare: (part) => {
      share = part;
    },
  };
};
