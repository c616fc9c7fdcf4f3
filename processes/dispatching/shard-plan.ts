import { SHARD_COUNT } from '../../domain/ids';
import type { ShardLease } from '../../infra/postgres/shard-leases';
import type { ShardRange } from '../../projections/queries/dispatching/due-jobs';

export const rangesOf = (shards: Iterable<number>): readonly ShardRange[] => {
  const ranges: { from: number; to: number }[] = [];
  for (const shard of [...shards].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === shard - 1) last.to = shard;
    else ranges.push({ from: shard, to: shard });
  }
  return ranges;
};

const countByHolder = (leases: readonly ShardLease[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { holder, isLive } of leases)
    if (isLive && holder !== null) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  return counts;
};

/** The candidate beside a shard that we have, so that few ranges cover many shards; else the highest. */
const pick = (
  candidates: readonly ShardLease[],
  mine: ReadonlySet<number>,
): ShardLease | undefined =>
  candidates.findLast(({ shard }) => mine.has(shard + 1) || mine.has(shard - 1)) ??
  candidates.at(-1);

/**
 * The leases that `me` takes beside its own: free ones up to its fair share, then, as long as it has less
 * than that, some of whoever has most. So a newcomer need not be known to be served, and nobody gives up a
 * shard that nobody wants.
 *
 * @param leases  all shards, ascending
 */
export const shardsToTake = (leases: readonly ShardLease[], me: string): readonly ShardLease[] => {
  const counts = countByHolder(leases);
  const mine = new Set(
    leases.flatMap(({ shard, holder, isLive }) => (isLive && holder === me ? [shard] : [])),
  );
  const holders = new Set([...counts.keys(), me]).size;
  const [least, most] = [Math.floor(SHARD_COUNT / holders), Math.ceil(SHARD_COUNT / holders)];

  const taken = new Map<number, ShardLease>();
  const take = (from: readonly ShardLease[]): boolean => {
    const lease = pick(
      from.filter(({ shard }) => !taken.has(shard)),
      mine,
    );
    if (!lease) return false;
    taken.set(lease.shard, lease);
    mine.add(lease.shard);
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
