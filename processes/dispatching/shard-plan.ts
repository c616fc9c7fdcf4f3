import { SHARD_COUNT } from '../../domain/ids';
import type { SlotLease } from '../../infra/postgres/shard-leases';

/** Consecutive slots, both ends included: one query each. */
export type SlotRange = { readonly from: number; readonly to: number };

export const rangesOf = (slots: Iterable<number>): readonly SlotRange[] => {
  const ranges: { from: number; to: number }[] = [];
  for (const slot of [...slots].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === slot - 1) last.to = slot;
    else ranges.push({ from: slot, to: slot });
  }
  return ranges;
};

const countByHolder = (leases: readonly SlotLease[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { holder, isLive } of leases)
    if (isLive && holder !== null) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  return counts;
};

/** The candidate beside a slot that we have, so that few ranges cover many slots; else the highest. */
const pick = (candidates: readonly SlotLease[], mine: ReadonlySet<number>): SlotLease | undefined =>
  candidates.findLast(({ slot }) => mine.has(slot + 1) || mine.has(slot - 1)) ?? candidates.at(-1);

/**
 * The leases that `me` takes beside its own: free ones up to its fair share, then, as long as it has less
 * than that, some of whoever has most. So a newcomer need not be known to be served, and nobody gives up a
 * slot that nobody wants.
 *
 * @param leases  all slots, ascending
 */
export const slotsToTake = (leases: readonly SlotLease[], me: string): readonly SlotLease[] => {
  const counts = countByHolder(leases);
  const mine = new Set(
    leases.flatMap(({ slot, holder, isLive }) => (isLive && holder === me ? [slot] : [])),
  );
  const holders = new Set([...counts.keys(), me]).size;
  const [least, most] = [Math.floor(SHARD_COUNT / holders), Math.ceil(SHARD_COUNT / holders)];

  const taken = new Map<number, SlotLease>();
  const take = (from: readonly SlotLease[]): boolean => {
    const lease = pick(
      from.filter(({ slot }) => !taken.has(slot)),
      mine,
    );
    if (!lease) return false;
    taken.set(lease.slot, lease);
    mine.add(lease.slot);
    if (lease.isLive && lease.holder !== null)
      counts.set(lease.holder, (counts.get(lease.holder) ?? 0) - 1);
    return true;
  };
  const richest = (): string | undefined =>
    [...counts].filter(([holder]) => holder !== me).sort((a, b) => b[1] - a[1])[0]?.[0];

  const free = leases.filter(({ holder, isLive }) => holder === null || !isLive);
  while (mine.size < most && take(free));
  while (mine.size < least) {
    const victim = richest();
    if (!take(leases.filter(({ holder, isLive }) => isLive && holder === victim))) break;
  }
  return [...taken.values()];
};
