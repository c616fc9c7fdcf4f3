import { memoryBytes, type RecordedEvent } from './events';

/** Dropped events stay referenced until this many are dropped, so that a drop costs no copy each time. */
const compactAfter = 1_024;

/** What a page may take of memory, as its reader may hold on to it for long. */
const pageBytes = 1024 * 1024;

/** Hears of one stream. Must not throw. */
export type StreamListener = {
  readonly onEvent: (event: RecordedEvent) => void;
  /** The log went on without telling: what came meanwhile is in storage only. */
  readonly onGap: () => void;
};

/**
 * The newest events of the log in memory, and the log's published end.
 *
 * @param capacityBytes  rough memory that the events may take; the oldest go first
 */
export const memoryTail = (capacityBytes: number) => {
  let events: RecordedEvent[] = [];
  let dropped = 0;
  let bytes = 0;
  let last = 0;
  const listeners = new Set<() => void>();
  const streamListeners = new Map<string, Set<StreamListener>>();

  const announce = (): void => {
    for (const listener of listeners) listener();
  };

  const tellStream = (event: RecordedEvent): void => {
    const own = streamListeners.get(event.stream);
    if (own) for (const { onEvent } of own) onEvent(event);
  };

  const drop = (): void => {
    for (let oldest = events[dropped]; oldest && bytes > capacityBytes; oldest = events[dropped]) {
      bytes -= memoryBytes(oldest);
      dropped += 1;
    }
    if (dropped < compactAfter) return;
    events.splice(0, dropped);
    dropped = 0;
  };

  return {
    lastSequence: (): number => last,

    /** Publishes committed events, which continue the log without a gap. */
    append: (committed: readonly RecordedEvent[]): void => {
      for (const event of committed) {
        events.push(event);
        bytes += memoryBytes(event);
        last = event.sequence;
      }
      drop();
      if (streamListeners.size > 0) committed.forEach(tellStream);
      announce();
    },

    /** Forgets the events and sets the end, after the log was read again from storage. */
    reset: (lastSequence: number): void => {
      events = [];
      dropped = 0;
      bytes = 0;
      last = lastSequence;
      for (const own of streamListeners.values()) for (const { onGap } of own) onGap();
      announce();
    },

    /** Some events from a sequence on, at most `limit`; undefined when that is older than memory reaches. */
    read: (from: number, limit: number): readonly RecordedEvent[] | undefined => {
      const first = last - (events.length - dropped) + 1;
      if (from < first) return undefined;
      const start = dropped + from - first;
      let taken = 0;
      let end = start;
      for (let event = events[end]; event && end < start + limit; event = events[end]) {
        taken += memoryBytes(event);
        if (taken > pageBytes && end > start) break;
        end += 1;
      }
      return events.slice(start, end);
    },

    /** Calls back at each change of the end, until the returned function is called. */
    listen: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Tells of each event of a stream from now on, until the returned function is called. */
    listenToStream: (stream: string, listener: StreamListener): (() => void) => {
      const own = streamListeners.get(stream) ?? new Set();
      streamListeners.set(stream, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && streamListeners.get(stream) === own) streamListeners.delete(stream);
      };
    },
  };
};

export type MemoryTail = ReturnType<typeof memoryTail>;
