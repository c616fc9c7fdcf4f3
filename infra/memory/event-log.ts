import { Observable } from 'rxjs';
import type {
  AppendOutcome,
  EventLog,
  ExpectedRevision,
  NewEvent,
  NewestEvents,
  RecordedEvent,
} from '../../domain/event-log';
import {
  JOB_STREAM_PREFIX,
  OPERATION_STREAM_PREFIX,
  SCHEDULE_STREAM_PREFIX,
  WEBHOOK_STREAM_PREFIX,
} from '../../domain/ids';
import type { Feed, FeedItem } from '../../projections/reading/feed';
import { markOf, positionOf, type After, type EventAt } from '../../projections/reading/log-place';
import type { LogScan } from '../../projections/reading/log-scan';
import { memoryScan } from './log-scan';

export type MemoryLogOptions = {
  readonly prefixes?: readonly string[];
  readonly maxSearchWindow?: number;
};

/** Like the server's log: nobody shall rely on positions that follow each other. */
const POSITION_STEP = 128n;

const asStored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** First revision that these events have if they are in the stream already; undefined when they cannot be. */
const repeatedFrom = (
  past: readonly RecordedEvent[],
  events: readonly NewEvent[],
  expected: ExpectedRevision,
): number | undefined => {
  const from =
    expected === 'any'
      ? past.findIndex(({ id }) => id === events[0]?.id)
      : expected === 'no-stream'
        ? 0
        : Number(expected) + 1;
  const isThere = from >= 0 && events.every(({ id }, i) => past[from + i]?.id === id);
  return isThere ? from : undefined;
};

const isAt = (expected: ExpectedRevision, past: readonly RecordedEvent[]): boolean =>
  expected === 'any' || (expected === 'no-stream' ? -1 : Number(expected)) === past.length - 1;

/**
 * Event log, feed and scan in memory, for tests and for whoever composes without a server: the rules of the real
 * one, nothing durable.
 */
export const memoryEventLog = (
  options: MemoryLogOptions = {},
): {
  readonly log: EventLog & NewestEvents;
  readonly feed: Feed;
  readonly scan: LogScan;
  readonly eventAt: EventAt;
} => {
  const {
    prefixes = [
      JOB_STREAM_PREFIX,
      SCHEDULE_STREAM_PREFIX,
      OPERATION_STREAM_PREFIX,
      WEBHOOK_STREAM_PREFIX,
    ],
    maxSearchWindow = 1_000,
  } = options;
  const all: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const readers = new Set<() => void>();

  const append = (
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): AppendOutcome => {
    const past = streams.get(stream) ?? [];
    const repeated = repeatedFrom(past, events, expected);
    if (repeated === undefined && !isAt(expected, past)) return { outcome: 'conflict' };
    if (repeated === undefined) {
      for (const { id, type, data, metadata } of events) {
        const recorded: RecordedEvent = {
          ...{ id, stream, type, data: asStored(data), metadata: asStored(metadata) },
          revision: BigInt(past.length),
          position: BigInt(all.length + 1) * POSITION_STEP,
        };
        past.push(recorded);
        all.push(recorded);
      }
      streams.set(stream, past);
      for (const wake of readers) wake();
    }
    const last = past[(repeated ?? past.length - events.length) + events.length - 1];
    if (!last) throw new RangeError('an append has at least one event');
    return { outcome: 'appended', revision: last.revision, position: last.position };
  };

  /** Items from a place in the log on; the place moves only as they are taken. */
  const cursor = (after: After): (() => FeedItem | undefined) => {
    let next = after === 'start' ? 0 : Number(positionOf(after) / POSITION_STEP);
    let passedOver = 0;
    let isCaughtUp = false;
    return () => {
      for (let event = all[next]; event; event = all[next]) {
        next += 1;
        const { stream, position } = event;
        if (prefixes.some((prefix) => stream.startsWith(prefix))) return { kind: 'event', event };
        passedOver += 1;
        if (passedOver % maxSearchWindow === 0) return { kind: 'checkpoint', position };
      }
      if (isCaughtUp) return undefined;
      isCaughtUp = true;
      return { kind: 'caught-up' };
    };
  };

  const open: Feed['open'] = (after) => {
    const wakes = new Set<() => void>();
    let isPaused = false;
    const items$ = new Observable<FeedItem>((subscriber) => {
      const take = cursor(after);
      const pump = (): void => {
        while (!isPaused && !subscriber.closed) {
          const item = take();
          if (!item) return;
          subscriber.next(item);
        }
      };
      // later, as from a server: nobody gets items inside the call that appends, subscribes or resumes
      const wake = (): void => {
        queueMicrotask(pump);
      };
      readers.add(wake);
      wakes.add(wake);
      wake();
      return () => {
        readers.delete(wake);
        wakes.delete(wake);
      };
    });
    return {
      items$,
      pause: () => {
        isPaused = true;
      },
      resume: () => {
        isPaused = false;
        for (const wake of wakes) wake();
      },
    };
  };

  return {
    log: {
      append: (...request) => Promise.resolve(request).then((r) => append(...r)),
      read: (stream, from = 0n, limit = Infinity) =>
        Promise.resolve((streams.get(stream) ?? []).slice(Number(from), Number(from) + limit)),
      newest: (stream) => Promise.resolve(streams.get(stream)?.at(-1)),
    },
    feed: { open },
    scan: memoryScan(all),
    eventAt: ({ position }) => {
      const found = all[Math.max(0, Number((position - 1n) / POSITION_STEP))];
      return Promise.resolve(found && markOf(found));
    },
  };
};
