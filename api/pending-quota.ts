import type { Clock } from '../commands/ports';
import type { Instant } from '../domain/time';
import type { JobQueries } from '../projections/queries/jobs';
import type { Logger } from './exchange';
import type { ApiLimits } from './limits';

/** How long a count is believed. */
const COUNT_KEPT_MS = 1_000;
const MAX_OWNERS_KEPT = 10_000;

export type PendingQuota = {
  /** Whether the owner may schedule one more job; counts it if so. */
  readonly take: (ownerId: string) => Promise<boolean>;
};

type Count = { readonly countedAt: Instant; readonly pending: Promise<number>; taken: number };

export type PendingQuotaDeps = {
  readonly countPending: JobQueries['countPending'];
  readonly limit: ApiLimits['pendingJobs'];
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Pending jobs per owner. The count is the read model's, up to a second old, and what was scheduled
 * since. While the read model cannot be reached all may schedule: the log decides, not the cache.
 */
export const pendingQuota = (deps: PendingQuotaDeps): PendingQuota | undefined => {
  const { countPending, limit, clock, logger } = deps;
  if (limit.kind === 'unlimited') return undefined;
  const { max } = limit;
  const counts = new Map<string, Count>();

  const count = async (ownerId: string): Promise<number> => {
    try {
      return await countPending(ownerId, max);
    } catch (error) {
      logger.warn(
        { err: error, ownerId },
        'pending jobs cannot be counted: the quota is not enforced',
      );
      return 0;
    }
  };

  const countOf = (ownerId: string): Count => {
    const now = clock.now();
    const known = counts.get(ownerId);
    if (known && now - known.countedAt < COUNT_KEPT_MS) return known;
    if (counts.size >= MAX_OWNERS_KEPT) counts.clear();
    const fresh: Count = { countedAt: now, pending: count(ownerId), taken: 0 };
    counts.set(ownerId, fresh);
    return fresh;
  };

  return {
    take: async (ownerId) => {
      const known = countOf(ownerId);
      const pending = await known.pending;
      if (pending + known.taken >= max) return false;
      known.taken += 1;
      return true;
    },
  };
};
