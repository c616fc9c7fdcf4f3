import { LRUCache } from 'lru-cache';
import type { Instant, Clock } from '../../domain/time';
import type { Logger } from '../http/exchange';
import { within } from '../http/failures';
import type { Limit } from './limits';

/** How long a count is believed at least. */
const COUNT_KEPT_MS = 1_000;
/** And this many times as long as it took: an owner with many jobs costs the database no more than others. */
const COUNT_KEPT_TIMES = 50;
/** The part of the room that may be used before it is counted (again): who has ample room costs nothing. */
const UNCOUNTED_SHARE = 1 / 100;
const MAX_OWNERS_KEPT = 10_000;
/** Longer than this nobody waits for a count. */
const COUNT_DEADLINE_MS = 2_000;

export type OwnerQuota = {
  /** Whether the owner may have one more; counts it if so. */
  readonly take: (ownerId: string) => Promise<boolean>;
};

type Count = {
  /** Of the read model; 0 as long as nothing was counted. */
  readonly counted: number;
  readonly believedUntil: Instant;
  taken: number;
  recount?: Promise<Count>;
};

export type OwnerQuotaDeps = {
  /** What is counted, for the log. */
  readonly what: string;
  /** Of an owner, by the read model; stops counting at `upTo`. */
  readonly count: (ownerId: string, upTo: number) => Promise<number>;
  readonly limit: Limit;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * How many of something an owner may have: the read model's count and what was made since. It counts when a hundredth
 * of the room that was left is used, so each instance of the API may go that far over the limit. While
 * the read model cannot be reached all may make more: the log decides, not the cache.
 */
export const ownerQuota = (deps: OwnerQuotaDeps): OwnerQuota | undefined => {
  const { what, count: countOf, limit, clock, logger } = deps;
  if (limit.kind === 'unlimited') return undefined;
  const { max } = limit;
  const counts = new LRUCache<string, Count>({ max: MAX_OWNERS_KEPT });

  const count = async (ownerId: string, { counted, taken }: Count): Promise<number> => {
    try {
      return await within(COUNT_DEADLINE_MS, 'read-model-unavailable', () => countOf(ownerId, max));
    } catch (error) {
      logger.warn({ err: error, ownerId }, `${what} cannot be counted: the quota rests`);
      return Math.min(counted + taken, max - 1);
    }
  };

  const recounted = async (ownerId: string, known: Count): Promise<Count> => {
    const from = clock.now();
    const counted = await count(ownerId, known);
    const tookMs = Math.max(0, clock.now() - from);
    const keptMs = Math.max(COUNT_KEPT_MS, COUNT_KEPT_TIMES * tookMs);
    const fresh = { counted, believedUntil: from + keptMs, taken: 0 };
    counts.set(ownerId, fresh);
    return fresh;
  };

  const keep = (ownerId: string): Count => {
    const unknown = { counted: 0, believedUntil: Number.NEGATIVE_INFINITY, taken: 0 };
    counts.set(ownerId, unknown);
    return unknown;
  };

  const isAmple = ({ counted, taken }: Count): boolean =>
    taken < Math.floor((max - counted) * UNCOUNTED_SHARE);

  return {
    take: async (ownerId) => {
      let known = counts.get(ownerId) ?? keep(ownerId);
      if (!isAmple(known) && clock.now() >= known.believedUntil)
        known = await (known.recount ??= recounted(ownerId, known));
      if (known.counted + known.taken >= max) return false;
      known.taken += 1;
      return true;
    },
  };
};
