import { slotOf } from '../../domain/ids';
import type { Live, LiveCounts } from './live-counts';
import type { LimitsInForce } from './share-limits';

/**
 * Caps of jobs that run, of an owner and of a queue. Jobs that are dispatched count as running, so a cap is kept
 * whatever the executors do. With several dispatchers it may be passed for a moment by what the others have
 * under way.
 */
export type RunningCaps = {
  readonly isQueueFull: (queue: string) => boolean;
  readonly isOwnerFull: (queue: string, ownerId: string) => boolean;
  /** Slots that this dispatcher holds: its part of the room. */
  readonly setSlots: (slots: ReadonlySet<number>) => void;
};

/** A slot for a name, so that one of several dispatchers may have what cannot be divided. */
const slotOfName = (name: string): number => {
  let hash = 0;
  for (const char of name) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return slotOf((hash % 256).toString(16).padStart(2, '0'));
};

export const runningCaps = (limits: LimitsInForce, counts: LiveCounts): RunningCaps => {
  let slots: ReadonlySet<number> = new Set();

  const isFull = (name: string, { counted, begun }: Live, cap: number | undefined): boolean => {
    if (cap === undefined) return false;
    const room = ((cap - counted) * slots.size) / 256;
    const own = slots.has(slotOfName(name)) ? Math.ceil(room) : Math.floor(room);
    return begun >= own;
  };

  return {
    isQueueFull: (queue) =>
      isFull(queue, counts.ofQueue(queue), limits.limitsOfQueue(queue).maxRunning),
    isOwnerFull: (queue, ownerId) =>
      isFull(ownerId, counts.ofOwner(ownerId), limits.limitsOfOwner(ownerId).maxRunning) ||
      isFull(
        ownerId,
        counts.ofBoth(queue, ownerId),
        limits.limitsOfQueue(queue).maxRunningPerOwner,
      ),
    setSlots: (held) => {
      slots = held;
    },
  };
};
