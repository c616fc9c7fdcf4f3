import type { RecordedEvent } from '../../domain/event-log';
import type { FeedItem, FeedSubscription } from '../../projections/reading/feed';
import { markOf, type LogMark, type LogPlace } from '../../projections/reading/log-place';
import { jsonSizeBytes } from '../protocol/json-size';
import type { Timers } from '../runtime/timers';
import { wakeUp } from '../runtime/wake-up';

export type BufferSettings = {
  /** Events a batch … */
  readonly maxBatch: number;
  /** … and about so many bytes of them, and the one that reaches it. */
  readonly maxBatchBytes: number;
  /** How long a batch waits for company, from its first event on, when little goes on. */
  readonly windowMs: number;
  /** The same after a batch of `busyEvents`, and in between by its size: fewer, fuller batches cost less. */
  readonly maxWindowMs: number;
  readonly busyEvents: number;
  /** The subscription rests from so many events, or bytes of them, on … */
  readonly pauseAt: number;
  readonly pauseAtBytes: number;
  /** … until no more than so many are left. */
  readonly resumeAt: number;
  readonly resumeAtBytes: number;
};

export const bufferDefaults: BufferSettings = {
  maxBatch: 1_000,
  maxBatchBytes: 4 * 1024 * 1024,
  windowMs: 5,
  maxWindowMs: 50,
  busyEvents: 400,
  pauseAt: 20_000,
  pauseAtBytes: 32 * 1024 * 1024,
  resumeAt: 5_000,
  resumeAtBytes: 8 * 1024 * 1024,
};

export type FeedBatch = {
  readonly events: readonly RecordedEvent[];
  /** Where to go on after once the batch is applied: its last event, or a place beyond, of whose event nothing is known. */
  readonly upTo: LogMark;
};

export type FeedBuffer = {
  /** The next batch; undefined when none came within `maxMs`, or `stop` was called. @throws what cut the feed */
  readonly next: (maxMs: number) => Promise<FeedBatch | undefined>;
  readonly size: () => number;
  /** The oldest event that waits. */
  readonly oldest: () => RecordedEvent | undefined;
  readonly stop: () => void;
};

const placeOf = ({ position, prepare }: LogPlace): LogPlace => ({
  position,
  ...(prepare !== undefined && { prepare }),
});

/** The feed as batches for one reader: what arrives while it works makes the next batch. */
export const feedBuffer = (
  feed: FeedSubscription,
  timers: Timers,
  settings: BufferSettings,
): FeedBuffer => {
  const { maxBatch, maxBatchBytes, pauseAt, pauseAtBytes, resumeAt, resumeAtBytes } = settings;
  const arrival = wakeUp(timers);
  const events: RecordedEvent[] = [];
  /** Of each of the events, and of all. */
  const sizes: number[] = [];
  let bytes = 0;
  /** Where the feed is after all that is in the buffer, when it said so since the last event. */
  let checkpoint: LogPlace | undefined;
  let firstAtMs = 0;
  let windowMs = settings.windowMs;
  let isPaused = false;
  let isStopped = false;
  let cut: Error | undefined;

  const isFull = (): boolean => events.length >= maxBatch || bytes >= maxBatchBytes;

  const take = (item: FeedItem): void => {
    if (item.kind === 'caught-up') return;
    if (events.length === 0 && checkpoint === undefined) firstAtMs = timers.monotonicMs();
    if (item.kind === 'checkpoint') checkpoint = item;
    else {
      checkpoint = undefined;
      const sizeBytes = jsonSizeBytes(item.event.data);
      events.push(item.event);
      sizes.push(sizeBytes);
      bytes += sizeBytes;
    }
    if (events.length <= 1 || isFull()) arrival.call();
    if (!isPaused && (events.length >= pauseAt || bytes >= pauseAtBytes)) {
      isPaused = true;
      feed.pause();
    }
  };

  const end = (error: Error): void => {
    cut = error;
    arrival.call();
  };

  const subscription = feed.items$.subscribe({
    next: take,
    error: (error: unknown) => {
      end(error instanceof Error ? error : new Error(String(error)));
    },
    complete: () => {
      end(new Error('the feed ended'));
    },
  });

  const isEmpty = (): boolean => events.length === 0 && checkpoint === undefined;
  const isOver = (): boolean => isStopped || cut !== undefined;

  /** Waits for company. What is left after the end goes immediately. */
  const fill = async (): Promise<void> => {
    for (;;) {
      const leftMs = firstAtMs + windowMs - timers.monotonicMs();
      if (leftMs <= 0 || isFull() || isOver()) return;
      await arrival.wait(leftMs);
    }
  };

  /** How many events make the next batch. */
  const batchLength = (): number => {
    let length = 0;
    for (
      let taken = 0;
      length < Math.min(events.length, maxBatch) && taken < maxBatchBytes;
      length++
    )
      taken += sizes[length] ?? 0;
    return length;
  };

  const takeBatch = (): FeedBatch | undefined => {
    const waiting = events.length;
    const batch = events.splice(0, batchLength());
    for (const sizeBytes of sizes.splice(0, batch.length)) bytes -= sizeBytes;
    const last = batch.at(-1);
    const beyond = events.length === 0 ? checkpoint : undefined;
    const upTo = beyond ? placeOf(beyond) : last && markOf(last);
    if (events.length === 0) checkpoint = undefined;
    firstAtMs = timers.monotonicMs();
    windowMs =
      settings.windowMs +
      (settings.maxWindowMs - settings.windowMs) * Math.min(1, waiting / settings.busyEvents);
    if (isPaused && events.length <= resumeAt && bytes <= resumeAtBytes) {
      isPaused = false;
      feed.resume();
    }
    return upTo === undefined ? undefined : { events: batch, upTo };
  };

  return {
    next: async (maxMs) => {
      if (isEmpty() && !isOver()) await arrival.wait(maxMs);
      if (!isEmpty() && !isStopped) await fill();
      if (isStopped) return undefined;
      if (cut && isEmpty()) throw cut;
      return takeBatch();
    },
    size: () => events.length,
    oldest: () => events[0],
    stop: () => {
      isStopped = true;
      subscription.unsubscribe();
      arrival.call();
    },
  };
};
