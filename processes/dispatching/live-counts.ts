import type { LiveJobs } from '../../projections/queries/live-jobs';
import { pause } from '../backoff';
import type { Log } from '../log';
import type { Timers } from '../timers';

export type LiveCountsDeps = {
  readonly countLive: (withRunning: boolean) => Promise<LiveJobs>;
  /** Whether jobs that run are to be counted too. */
  readonly countsRunning: () => boolean;
  readonly timers: Timers;
  readonly log: Log;
  /** Called after each count. */
  readonly onCount: () => void;
};

/** A number of jobs, as the read model had it and as this dispatcher has added since. */
export type Live = { readonly counted: number; readonly begun: number };

export type CountedDispatch = {
  /** @param position  of its JobDispatched */
  readonly dispatched: (position: bigint) => void;
  /** It came to nothing. */
  readonly giveBack: () => void;
};

/**
 * How many jobs of each queue and owner are dispatched and not started, and, where it is asked for, how many are
 * not finished. The read model is a moment behind: what it has not seen yet is remembered here.
 */
export type LiveCounts = {
  readonly unstarted: (queue: string, ownerId: string) => Live;
  readonly ofQueue: (queue: string) => Live;
  readonly ofOwner: (ownerId: string) => Live;
  readonly ofBoth: (queue: string, ownerId: string) => Live;
  readonly begin: (queue: string, ownerId: string) => CountedDispatch;
  /** Counts again soon: somebody waits for it. */
  readonly hurry: () => void;
  /** The read model shows nothing new though it should. */
  readonly isBlind: () => boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

const EVERY_MS = 250;
const HURRIED_EVERY_MS = 40;
/** Counting takes no more than this part of the time, unless the database is slow: jobs wait for each count. */
const COUNTING_PART = 0.5;
const MAX_REST_MS = 60;
const BLIND_AFTER_MS = 2_000;

type Unseen = {
  readonly keys: readonly string[];
  position: bigint | undefined;
  dispatchedAtMs: number;
};

/** Keys of the counts: a queue's name has no blank, an owner's may. */
const unstartedKey = (queue: string, ownerId: string): string => `u ${queue} ${ownerId}`;
const queueKey = (queue: string): string => `q ${queue}`;
const ownerKey = (ownerId: string): string => `o ${ownerId}`;
const bothKey = (queue: string, ownerId: string): string => `b ${queue} ${ownerId}`;

const add = (counts: Map<string, number>, key: string, by: number): void => {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
};

export const liveCounts = (deps: LiveCountsDeps): LiveCounts => {
  const { timers, log, countsRunning } = deps;
  let counted = new Map<string, number>();
  const begun = new Map<string, number>();
  const unseen = new Set<Unseen>();
  let isHurried = false;
  let blindSinceMs: number | undefined;

  const keysOf = (queue: string, ownerId: string): readonly string[] => [
    unstartedKey(queue, ownerId),
    ...(countsRunning() ? [queueKey(queue), ownerKey(ownerId), bothKey(queue, ownerId)] : []),
  ];
  const forget = (entry: Unseen): void => {
    if (!unseen.delete(entry)) return;
    for (const key of entry.keys) add(begun, key, -1);
  };
  const live = (key: string): Live => ({
    counted: counted.get(key) ?? 0,
    begun: begun.get(key) ?? 0,
  });

  const count = async (): Promise<void> => {
    const askedAtMs = timers.monotonicMs();
    const { position, jobs } = await deps.countLive(countsRunning());
    const fresh = new Map<string, number>();
    for (const { queue, ownerId, queued, running } of jobs) {
      const [unstarted, ...lives] = keysOf(queue, ownerId);
      if (unstarted !== undefined) add(fresh, unstarted, queued);
      for (const key of lives) add(fresh, key, queued + running);
    }
    counted = fresh;
    let isBehind = false;
    for (const entry of unseen) {
      if (entry.position === undefined) continue;
      if (entry.position <= position) forget(entry);
      else isBehind ||= askedAtMs - entry.dispatchedAtMs > BLIND_AFTER_MS;
    }
    blindSinceMs = isBehind ? (blindSinceMs ?? askedAtMs) : undefined;
    deps.onCount();
  };

  return {
    unstarted: (queue, ownerId) => live(unstartedKey(queue, ownerId)),
    ofQueue: (queue) => live(queueKey(queue)),
    ofOwner: (ownerId) => live(ownerKey(ownerId)),
    ofBoth: (queue, ownerId) => live(bothKey(queue, ownerId)),
    begin: (queue, ownerId) => {
      const entry: Unseen = {
        keys: keysOf(queue, ownerId),
        position: undefined,
        dispatchedAtMs: 0,
      };
      unseen.add(entry);
      for (const key of entry.keys) add(begun, key, 1);
      return {
        dispatched: (position) => {
          entry.position = position;
          entry.dispatchedAtMs = timers.monotonicMs();
        },
        giveBack: () => {
          forget(entry);
        },
      };
    },
    hurry: () => {
      isHurried = true;
    },
    isBlind: () => blindSinceMs !== undefined,
    run: async (signal) => {
      let failures = 0;
      while (!signal.aborted) {
        const everyMs = isHurried ? HURRIED_EVERY_MS : EVERY_MS;
        isHurried = false;
        const startMs = timers.monotonicMs();
        try {
          if (unseen.size > 0 || counted.size > 0 || countsRunning()) await count();
          failures = 0;
        } catch (error) {
          failures += 1;
          blindSinceMs ??= startMs;
          if (failures === 1) log.warn({ err: error }, 'live jobs could not be counted');
        }
        const restMs = (timers.monotonicMs() - startMs) / COUNTING_PART;
        await pause(Math.max(everyMs, Math.min(MAX_REST_MS, restMs)), signal);
      }
    },
  };
};
