import type { Instant } from '../../domain/time';
import { fromTimestamp } from '../../domain/time';
import type { StoredBytes } from './log-scan';

const KEY = Buffer.from('"at":"');
const TIMESTAMP_BYTES = 24;
const TICKS_PER_MS = 10_000n;

const createdAt = ({ createdTicks }: StoredBytes): Instant => Number(createdTicks / TICKS_PER_MS);

/**
 * When an event says that it was recorded, read without parsing the rest: a scan asks it of every event.
 * The key stands in the bytes nowhere else, for inside of a text its quotes are escaped. When the server
 * stored it, for an event that does not say.
 */
export const recordedAt = (event: StoredBytes): Instant => {
  const { buffer, byteOffset, byteLength } = event.metadata;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const start = bytes.indexOf(KEY);
  if (start === -1) return createdAt(event);
  const from = start + KEY.length;
  const at = fromTimestamp(bytes.toString('latin1', from, from + TIMESTAMP_BYTES));
  return Number.isNaN(at) ? createdAt(event) : at;
};

/** The same, but not later than the server stored it, so that one clock that is ahead does not speak for all events after it. */
export const settledAt = (event: StoredBytes, at: Instant): Instant =>
  Math.min(at, createdAt(event));
