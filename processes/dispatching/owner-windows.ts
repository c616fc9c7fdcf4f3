import type { Timers } from '../timers';
import type { LiveCounts } from './live-counts';

/**
 * How many jobs of one owner in one queue may be dispatched and not started. All that is on its way stands before
 * the next owner's job, in the broker, at the gateway and in the log, so an owner with very much due has a part of
 * the way only: a small one while others have jobs in the queue.
 */
export type OwnerWindows = {
  readonly isFull: (queue: string, ownerId: string) => boolean;
  /** A dispatch of the owner has begun. */
  readonly begin: (queue: string, ownerId: string) => void;
  /** @param share  this dispatcher's part of all slots, from 0 to 1 */
  readonly setShare: (share: number) => void;
};

export type OwnerWindowSettings = {
  readonly alone: number;
  readonly amongOthers: number;
};

/** Whoever had a job in the queue this short ago is one of its owners. */
const RECENTLY_MS = 2_000;

export const ownerWindows = (
  counts: LiveCounts,
  timers: Timers,
  { alone, amongOthers }: OwnerWindowSettings,
): OwnerWindows => {
  /** By queue, its owners by when they had a job last, the latest last. */
  const recent = new Map<string, Map<string, number>>();
  let share = 1;

  const isContested = (queue: string): boolean => {
    const owners = recent.get(queue);
    if (!owners) return false;
    const since = timers.monotonicMs() - RECENTLY_MS;
    for (const [ownerId, atMs] of owners) {
      if (atMs >= since) break;
      owners.delete(ownerId);
    }
    if (owners.size === 0) recent.delete(queue);
    return owners.size > 1;
  };

  return {
    isFull: (queue, ownerId) => {
      const { counted, begun } = counts.unstarted(queue, ownerId);
      const most = isContested(queue) ? amongOthers : alone;
      if (2 * (counted + begun) >= most) counts.hurry();
      const own = Math.max(1, Math.ceil((most - counted) * share));
      return begun >= own && !counts.isBlind();
    },
    begin: (queue, ownerId) => {
      const owners = recent.get(queue) ?? new Map<string, number>();
      recent.set(queue, owners);
      owners.delete(ownerId);
      owners.set(ownerId, timers.monotonicMs());
    },
    setShare: (part) => {
      share = part;
    },
  };
};
