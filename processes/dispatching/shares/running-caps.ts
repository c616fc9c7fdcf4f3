import { shardOf } from '../../../domain/ids';
import type { LiveJobs } from '../../../projections/queries/dispatching/live-jobs';
import type { Count, TalliedDispatch, Tally } from './tally';
import type { LimitsInForce } from './share-limits';

/**
 * Caps of jobs that run, of an owner and of a queue. Jobs that are dispatched count as running, so a cap is kept
 * whatever the executors do. With several dispatchers it may be passed for a moment by what the others have
 * under way.
 */
export type RunningCaps = {
  readonly isQueueFull: (queue: string) => boolean;
  readonly isOwnerFull: (queue: string, ownerId: string) => boolean;
  /** A dispatch has begun. */
  readonly begin: (queue: string, ownerId: string) => TalliedDispatch;
  /** Shards that this dispatcher holds: its part of the room. */
  readonly setShards: (shards: ReadonlySet<number>) => void;
};

/** A shard for a name, so that one of several dispatchers may have what cannot be divided. */
const shardOfName = (name: string): number => {
  let hash = 0;
  for (const char of name) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return shardOf((hash % 256).toString(16).padStart(2, '0'));
};

/** Keys of the counts: a queue's name has no blank, an owner's may. */
const queueKey = (queue: string): string => `q ${queue}`;
const ownerKey = (ownerId: string): string => `o ${ownerId}`;
const bothKey = (queue: string, ownerId: string): string => `b ${queue} ${ownerId}`;
const keysOf = (queue: string, ownerId: string): readonly string[] => [
  queueKey(queue),
  ownerKey(ownerId),
  bothKey(queue, ownerId),
];

/** The jobs of each key that a cap may be of. */
export const liveByKey = ({ position, jobs: live }: LiveJobs): Count => {
  const jobs = new Map<string, number>();
  for (const { queue, ownerId, jobs: more } of live)
    for (const key of keysOf(queue, ownerId)) jobs.set(key, (jobs.get(key) ?? 0) + more);
  return { position, jobs };
};

/** @param live  counted by `liveByKey` */
export const runningCaps = (limits: LimitsInForce, live: Tally): RunningCaps => {
  let shards: ReadonlySet<number> = new Set();

  const isFull = (key: string, name: string, cap: number | undefined): boolean => {
    if (cap === undefined) return false;
    if (!live.knowsAll()) return true;
    const { counted, begun } = live.of(key);
    const room = ((cap - counted) * shards.size) / 256;
    const own = shards.has(shardOfName(name)) ? Math.ceil(room) : Math.floor(room);
    if (begun < own) return false;
    live.hurry(key);
    return true;
  };

  return {
    isQueueFull: (queue) => isFull(queueKey(queue), queue, limits.limitsOfQueue(queue).maxRunning),
    isOwnerFull: (queue, ownerId) =>
      isFull(ownerKey(ownerId), ownerId, limits.limitsOfOwner(ownerId).maxRunning) ||
      isFull(bothKey(queue, ownerId), ownerId, limits.limitsOfQueue(queue).maxRunningPerOwner),
    begin: (queue, ownerId) => live.begin(limits.countsRunning() ? keysOf(queue, ownerId) : []),
    setShards: (held) => {
      shards = held;
    },
  };
};
