import { slotOf } from '../../domain/ids';
import type { LiveJobs } from '../../projections/queries/live-jobs';
import { pause } from '../backoff';
import type { Log } from '../log';
import type { Timers } from '../timers';
import type { ShareLimits } from './share-limits';

export type RunningCapsDeps = {
  readonly countLive: () => Promise<LiveJobs>;
  readonly limits: ShareLimits;
  readonly timers: Timers;
  readonly log: Log;
  /** Called when somebody may have room again. */
  readonly onRoom: () => void;
};

/**
 * Caps of jobs that run, of an owner and of a queue. Jobs that are dispatched count as running, so a cap is kept
 * whatever the executors do. With several dispatchers it may be passed for a moment by what the others have
 * under way.
 */
export type RunningCaps = {
  readonly isQueueFull: (queue: string) => boolean;
  readonly isOwnerFull: (queue: string, ownerId: string) => boolean;
  /** A dispatch has begun. @returns told of its end */
  readonly begin: (queue: string, ownerId: string) => DispatchInCaps;
  /** Slots that this dispatcher holds. */
  readonly setSlots: (slots: ReadonlySet<number>) => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

export type DispatchInCaps = {
  /** @param position  of its JobDispatched */
  readonly dispatched: (position: bigint) => void;
  readonly giveBack: () => void;
};

const EVERY_MS = 250;
/** Counting takes no more than this part of the time. */
const COUNTING_PART = 0.05;
/** Unless the database has a slow moment. */
const MAX_REST_MS = 2_000;

type Unseen = { readonly keys: readonly string[]; position: bigint | undefined };

/** Unlike any of another kind: a queue's name has no blank, and an owner's may. */
const queueKey = (queue: string): string => `q ${queue}`;
const ownerKey = (ownerId: string): string => `o ${ownerId}`;
const bothKey = (queue: string, ownerId: string): string => `b ${queue} ${ownerId}`;

const add = (counts: Map<string, number>, key: string, by: number): void => {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
};

/** A slot for a name, so that one of several dispatchers may have what cannot be divided. */
const slotOfName = (name: string): number => {
  let hash = 0;
  for (const char of name) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return slotOf((hash % 256).toString(16).padStart(2, '0'));
};

export const runningCaps = (deps: RunningCapsDeps): RunningCaps => {
  const { limits, timers, log, onRoom } = deps;
  /** What the read model has counted, and what this dispatcher has begun and the read model has not counted. */
  let counted = new Map<string, number>();
  const begun = new Map<string, number>();
  const unseen = new Set<Unseen>();
  let slots: ReadonlySet<number> = new Set();

  const forget = (entry: Unseen): void => {
    if (!unseen.delete(entry)) return;
    for (const key of entry.keys) add(begun, key, -1);
  };
  const isFull = (key: string, cap: number | undefined): boolean => {
    if (cap === undefined) return false;
    const room = ((cap - (counted.get(key) ?? 0)) * slots.size) / 256;
    const own = slots.has(slotOfName(key)) ? Math.ceil(room) : Math.floor(room);
    return (begun.get(key) ?? 0) >= own;
  };

  const count = async (): Promise<void> => {
    const { position, jobs } = await deps.countLive();
    const fresh = new Map<string, number>();
    for (const { queue, ownerId, jobs: number } of jobs)
      for (const key of [queueKey(queue), ownerKey(ownerId), bothKey(queue, ownerId)])
        add(fresh, key, number);
    counted = fresh;
    for (const entry of unseen)
      if (entry.position !== undefined && entry.position <= position) forget(entry);
    onRoom();
  };

  return {
    isQueueFull: (queue) => isFull(queueKey(queue), limits.queue(queue).maxRunning),
    isOwnerFull: (queue, ownerId) =>
      isFull(ownerKey(ownerId), limits.owner(ownerId).maxRunning) ||
      isFull(bothKey(queue, ownerId), limits.queue(queue).maxRunningPerOwner),
    begin: (queue, ownerId) => {
      if (!limits.countsRunning())
        return { dispatched: () => undefined, giveBack: () => undefined };
      const entry: Unseen = {
        keys: [queueKey(queue), ownerKey(ownerId), bothKey(queue, ownerId)],
        position: undefined,
      };
      unseen.add(entry);
      for (const key of entry.keys) add(begun, key, 1);
      return {
        dispatched: (position) => {
          entry.position = position;
        },
        giveBack: () => {
          forget(entry);
        },
      };
    },
    setSlots: (held) => {
      slots = held;
    },
    run: async (signal) => {
      while (!signal.aborted) {
        const startMs = timers.monotonicMs();
        if (limits.countsRunning())
          await count().catch((error: unknown) => {
            log.warn({ err: error }, 'running jobs could not be counted; caps stay as they were');
          });
        const tookMs = timers.monotonicMs() - startMs;
        const restMs = Math.max(EVERY_MS, tookMs / COUNTING_PART);
        await pause(Math.min(MAX_REST_MS, restMs), signal);
      }
    },
  };
};
