import { memoryBytes, type RecordedEvent } from './events';

/** Dropped events stay referenced until this many are dropped, so that a drop costs no copy each time. */
const compactAfter = 1_024;

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

  const announce = (): void => {
    for (const listener of listeners) listener();
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
      announce();
    },

    /** Forgets the events and sets the end, after the log was read again from storage. */
    reset: (lastSequence: number): void => {
      events = [];
      dropped = 0;
      bytes = 0;
      last = lastSequence;
      announce();
    },

    /** Up to `limit` events from a sequence on; undefined when that is older than memory reaches. */
    read: (from: number, limit: number): readonly RecordedEvent[] | undefined => {
      const first = last - (events.length - dropped) + 1;
      if (from < first) return undefined;
      const start = dropped + from - first;
      return events.slice(start, start + limit);
    },

    /** Calls back at each change of the end, until the returned function is called. */
    listen: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

export type MemoryTail = ReturnType<typeof memoryTail>;
