import type { RecordedEvent } from '../../../domain/event-log';

/** The streams that a writer has parked, and how far it has left each out since it began. */
export type ParkedSet = {
  readonly size: () => number;
  readonly has: (stream: string) => boolean;
  /** Follows what is added and removed while it is gone through. */
  readonly streams: () => Iterable<string>;
  /** How often a stream was removed: what was chosen before is to be chosen again. */
  readonly removals: () => number;
  readonly add: (stream: string) => void;
  readonly remove: (stream: string) => void;
  /** Takes note of events that the checkpoint moves past: those of parked streams are left out. */
  readonly pass: (events: readonly RecordedEvent[]) => void;
  /** Whether these, all that was read of a parked stream, go as far as it was left out, or it is gone; else it was read too early. */
  readonly reachAsFar: (stream: string, events: readonly RecordedEvent[]) => boolean;
};

/** Before any event. */
const NOTHING_LEFT_OUT = -1n;

export const parkedSet = (first: Iterable<string>): ParkedSet => {
  /** Position of the last event that was left out. */
  const leftOut = new Map<string, bigint>();
  for (const stream of first) leftOut.set(stream, NOTHING_LEFT_OUT);
  let removals = 0;
  return {
    size: () => leftOut.size,
    has: (stream) => leftOut.has(stream),
    streams: () => leftOut.keys(),
    removals: () => removals,
    add: (stream) => {
      if (!leftOut.has(stream)) leftOut.set(stream, NOTHING_LEFT_OUT);
    },
    remove: (stream) => {
      if (leftOut.delete(stream)) removals += 1;
    },
    pass: (events) => {
      if (leftOut.size === 0) return;
      for (const { stream, position } of events)
        if (leftOut.has(stream)) leftOut.set(stream, position);
    },
    reachAsFar: (stream, events) =>
      events.length === 0 ||
      (events.at(-1)?.position ?? NOTHING_LEFT_OUT) >= (leftOut.get(stream) ?? NOTHING_LEFT_OUT),
  };
};
