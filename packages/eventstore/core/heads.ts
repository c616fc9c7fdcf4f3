import type { StoredHead } from '../store/storage';
import { noRevision } from './events';
import {
  isMetastream,
  metastreamMetadata,
  noMetadata,
  type StreamMetadata,
} from './stream-metadata';

/** What the writer knows of a stream. Only the writer changes it, ahead of the commit; a failed commit clears all. */
export type Head = {
  revision: number;
  metadata: StreamMetadata;
  /** Writes under way that rely on this object; it is not evicted before they are done. */
  pins: number;
  /** Used since eviction last passed by: it gets a second chance. */
  isUsed: boolean;
};

export type HeadsDeps = {
  /** Gives those of the streams that have events or metadata. */
  readonly load: (streams: readonly string[]) => Promise<ReadonlyMap<string, StoredHead>>;
  readonly capacity: number;
  readonly onFailure: (error: unknown) => void;
};

const newHead = (stream: string, stored: StoredHead | undefined): Head => ({
  revision: stored?.revision ?? noRevision,
  metadata: stored?.metadata ?? (isMetastream(stream) ? metastreamMetadata : noMetadata),
  pins: 0,
  isUsed: false,
});

type Waiter = (loaded: boolean) => void;

/** A write's lookup of 1,000 streams takes Postgres some 10 ms; larger ones would only delay the first. */
const loadBatch = 1_000;

/** The heads of the streams written to of late. Lookups of one moment are one query. */
export const headsCache = ({ load, capacity, onFailure }: HeadsDeps) => {
  let heads = new Map<string, Head>();
  let waiters = new Map<string, Waiter[]>();
  let wanted: string[] = [];
  let isLoading = false;

  const evict = (): void => {
    for (const [stream, head] of heads) {
      if (heads.size <= capacity) return;
      heads.delete(stream);
      if (head.pins === 0 && !head.isUsed) continue;
      head.isUsed = false;
      heads.set(stream, head);
    }
  };

  const loadWanted = async (): Promise<void> => {
    const generation = heads;
    const streams = wanted.splice(0, loadBatch);
    const loaded = await load(streams).catch((error: unknown) => {
      onFailure(error);
      return undefined;
    });
    if (generation !== heads) return; // cleared meanwhile: the waiters have their answer
    for (const stream of streams) {
      if (loaded) heads.set(stream, newHead(stream, loaded.get(stream)));
      const waiting = waiters.get(stream) ?? [];
      waiters.delete(stream);
      for (const waiter of waiting) waiter(loaded !== undefined);
    }
    if (heads.size > capacity) evict();
  };

  const pump = async (): Promise<void> => {
    if (isLoading) return;
    isLoading = true;
    while (wanted.length > 0) await loadWanted();
    isLoading = false;
  };

  return {
    get: (stream: string): Head | undefined => heads.get(stream),

    /** True while the stream is looked up. */
    isWanted: (stream: string): boolean => waiters.has(stream),

    /** Takes a stream that is neither known nor looked up for one that nobody has written to. */
    assumeNew: (stream: string): void => {
      heads.set(stream, newHead(stream, undefined));
      if (heads.size > capacity) evict();
    },

    /** The stream is to be looked up again; nothing written to it may be under way. */
    forget: (stream: string): void => {
      heads.delete(stream);
    },

    pin: (stream: string): Head | undefined => {
      const head = heads.get(stream);
      if (!head) return undefined;
      head.pins += 1;
      head.isUsed = true;
      return head;
    },

    /** Calls back, in the order of the calls, once the stream is known or its lookup has failed. */
    load: (stream: string, waiter: Waiter): void => {
      const waiting = waiters.get(stream);
      if (waiting) {
        waiting.push(waiter);
        return;
      }
      waiters.set(stream, [waiter]);
      wanted.push(stream);
      if (wanted.length === 1) setImmediate(() => void pump());
    },

    /** Forgets all heads; who waits for one is told that it failed. */
    clear: (): void => {
      const abandoned = [...waiters.values()].flat();
      heads = new Map();
      waiters = new Map();
      wanted = [];
      for (const waiter of abandoned) waiter(false);
    },
  };
};

export type Heads = ReturnType<typeof headsCache>;
