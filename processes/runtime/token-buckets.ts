import { LRUCache } from 'lru-cache';
import type { Timers } from './timers';

export type Rate = {
  readonly perSecond: number;
  /** What may be taken at once after a quiet time; 1 at least. */
  readonly burst: number;
};

/** What is left of a rate, by key; full for a key that was never used. */
export type TokenBuckets = {
  readonly left: (key: string, rate: Rate) => number;
  /** Takes, or gives back when negative; more than is left may be taken, and is waited for. */
  readonly take: (key: string, count: number, rate: Rate) => void;
};

type Bucket = { tokens: number; atMs: number };

/** @param maxBuckets  the one that was used longest ago goes when there are more: it has filled up since */
export const tokenBuckets = (
  timers: Pick<Timers, 'monotonicMs'>,
  maxBuckets: number,
): TokenBuckets => {
  const buckets = new LRUCache<string, Bucket>({ max: maxBuckets });

  const fill = (key: string, { perSecond, burst }: Rate): Bucket => {
    const now = timers.monotonicMs();
    const bucket = buckets.get(key) ?? { tokens: burst, atMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) * perSecond) / 1_000);
    bucket.atMs = now;
    buckets.set(key, bucket);
    return bucket;
  };

  return {
    left: (key, rate) => fill(key, rate).tokens,
    take: (key, count, rate) => {
      fill(key, rate).tokens -= count;
    },
  };
};
