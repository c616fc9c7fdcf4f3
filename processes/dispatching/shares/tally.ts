import { pause } from '../../runtime/backoff';
import type { Logger } from '../../runtime/logger';
import type { Timers } from '../../runtime/timers';

/** Numbers of jobs as the read model has them. */
export type Count = {
  /** Of the last event that is counted. */
  readonly position: bigint;
  readonly jobs: ReadonlyMap<string, number>;
};

export type TallyDeps = {
  /** Counts for these keys, or for all that have jobs; a key without jobs may be left out. */
  readonly count: (keys: readonly string[]) => Promise<Count>;
  /** Whether keys of which this dispatcher began nothing are to be counted as well. */
  readonly isForAll: () => boolean;
  /** Counting rests three times as long as it took, so a large count is no load, but never longer than this. */
  readonly maxRestMs: number;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Called after each count. */
  readonly onCount: (keys: readonly string[]) => void;
};

/** A number of jobs, as the read model had it and as this dispatcher has added since. */
export type Live = { readonly counted: number; readonly begun: number };

export type TalliedDispatch = {
  /** @param position  of its JobDispatched */
  readonly dispatched: (position: bigint) => void;
  /** It came to nothing. */
  readonly giveBack: () => void;
};

/**
 * How many jobs there are by key: for those of which this dispatcher began one, until there is none, or for all.
 * The read model is a moment behind: what it has not seen yet is remembered here.
 */
export type Tally = {
  readonly of: (key: string) => Live;
  readonly begin: (keys: readonly string[]) => TalliedDispatch;
  /** Counts this key again soon: somebody waits for it. */
  readonly hurry: (key: string) => void;
  /** Whether all keys were counted since that is asked for: before, what others began is not known. */
  readonly knowsAll: () => boolean;
  /** The read model shows nothing new though it should. */
  readonly isBlind: () => boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** How often all keys are counted, and how often those that somebody waits for. */
const ALL_EVERY_MS = 250;
const HURRIED_EVERY_MS = 20;
const RESTS_PER_COUNT = 3;
const BLIND_AFTER_MS = 2_000;

type Dispatch = { position: bigint | undefined; dispatchedAtMs: number };
type Entry = { counted: number; readonly unseen: Set<Dispatch> };

const NONE: Live = { counted: 0, begun: 0 };

export const tally = (deps: TallyDeps): Tally => {
  const { count, isForAll, maxRestMs, timers, logger, onCount } = deps;
  const entries = new Map<string, Entry>();
  let hurried = new Set<string>();
  let countedAllAtMs = -Infinity;
  let knowsAll = false;
  let blindSinceMs: number | undefined;

  const entryOf = (key: string): Entry => {
    const entry = entries.get(key) ?? { counted: 0, unseen: new Set() };
    entries.set(key, entry);
    return entry;
  };

  /** @returns whether the read model lacks what it should have by now */
  const takeIn = (key: string, { position, jobs }: Count, askedAtMs: number): boolean => {
    const entry = entryOf(key);
    entry.counted = jobs.get(key) ?? 0;
    let isBehind = false;
    for (const dispatch of entry.unseen) {
      if (dispatch.position === undefined) continue;
      if (dispatch.position <= position) entry.unseen.delete(dispatch);
      else isBehind ||= askedAtMs - dispatch.dispatchedAtMs > BLIND_AFTER_MS;
    }
    if (entry.counted === 0 && entry.unseen.size === 0) entries.delete(key);
    return isBehind;
  };

  const countNow = async (askedAtMs: number): Promise<void> => {
    const isTimeForAll = askedAtMs - countedAllAtMs >= ALL_EVERY_MS;
    if (isTimeForAll) countedAllAtMs = askedAtMs;
    const asked = [...(isTimeForAll ? entries.keys() : hurried)];
    hurried = new Set();
    const wasForAll = isForAll();
    if (!wasForAll) knowsAll = false;
    if (asked.length === 0 && !(isTimeForAll && wasForAll)) return;
    const counted = await count(asked);
    const keys = [...new Set([...asked, ...counted.jobs.keys()])];
    const isBehind = keys.map((key) => takeIn(key, counted, askedAtMs)).includes(true);
    knowsAll = wasForAll;
    blindSinceMs = isBehind ? (blindSinceMs ?? askedAtMs) : undefined;
    onCount(keys);
  };

  return {
    of: (key) => {
      const entry = entries.get(key);
      return entry ? { counted: entry.counted, begun: entry.unseen.size } : NONE;
    },
    begin: (keys) => {
      const dispatch: Dispatch = { position: undefined, dispatchedAtMs: 0 };
      for (const key of keys) entryOf(key).unseen.add(dispatch);
      return {
        dispatched: (position) => {
          dispatch.position = position;
          dispatch.dispatchedAtMs = timers.monotonicMs();
        },
        giveBack: () => {
          for (const key of keys) entries.get(key)?.unseen.delete(dispatch);
        },
      };
    },
    hurry: (key) => {
      hurried.add(key);
    },
    knowsAll: () => knowsAll,
    isBlind: () => blindSinceMs !== undefined,
    run: async (signal) => {
      let failures = 0;
      while (!signal.aborted) {
        const startMs = timers.monotonicMs();
        try {
          await countNow(startMs);
          failures = 0;
        } catch (error) {
          failures += 1;
          blindSinceMs ??= startMs;
          if (failures === 1) logger.warn({ err: error }, 'live jobs could not be counted');
        }
        const restMs = (timers.monotonicMs() - startMs) * RESTS_PER_COUNT;
        await pause(Math.max(HURRIED_EVERY_MS, Math.min(maxRestMs, restMs)), signal);
      }
    },
  };
};
