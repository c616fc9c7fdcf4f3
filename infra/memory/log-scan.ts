import type { RecordedEvent } from '../../domain/event-log';
import { positionOf } from '../../projections/reading/log-place';
import type { LogScan, StoredBytes } from '../../projections/reading/log-scan';

const BATCH_EVENTS = 1_000;
/** 2026-01-01, in units of 100 ns. */
const CREATED_TICKS = 17_672_256_000_000_000n;

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const toStoredBytes = (event: RecordedEvent): StoredBytes => ({
  ...event,
  contentType: 'application/json',
  createdTicks: CREATED_TICKS,
  data: bytesOf(event.data),
  metadata: bytesOf(event.metadata),
});

/** Scans events that are in memory, in the order of their positions; what is added meanwhile is found. */
export const memoryScan = (events: readonly RecordedEvent[]): LogScan =>
  async function* scan({ after, upTo, onEnd }, signal) {
    const isWanted = ({ stream, position }: RecordedEvent): boolean =>
      !stream.startsWith('$') &&
      (after === 'start' || position > positionOf(after)) &&
      (upTo === undefined || position <= upTo);
    for (let at = 0; at < events.length; at += BATCH_EVENTS) {
      signal.throwIfAborted();
      const batch = events.slice(at, at + BATCH_EVENTS).filter(isWanted);
      if (batch.length > 0) yield await Promise.resolve(batch.map(toStoredBytes));
    }
    signal.throwIfAborted();
    const last = events.at(-1);
    if (last) onEnd?.({ position: last.position });
  };
