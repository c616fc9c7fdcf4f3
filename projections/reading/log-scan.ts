import type { RecordedEvent } from '../../domain/event-log';
import type { After, LogPlace } from './log-place';

/** An event with the bytes that are stored; its JSON is read only where it is wanted. */
export type StoredBytes = {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly contentType: string;
  readonly revision: bigint;
  /** Commit position in the whole log. */
  readonly position: bigint;
  /** Prepare position, where it is another number. */
  readonly prepare?: bigint | undefined;
  /** When the server stored it, in units of 100 ns since 1970. */
  readonly createdTicks: bigint;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type ScanRange = {
  /** Exclusive: the place of the last event that was dealt with. */
  readonly after: After;
  /** Inclusive; absent: to where the log ends when the scan comes there. */
  readonly upTo?: bigint;
  /** Told where the log ends, be it with events that are left out; not told of one that ends before `after`. */
  readonly onEnd?: (end: LogPlace) => void;
};

/**
 * The history of the log in large batches, in its order. Left out are system streams (`$…`) and other systems'. Ends
 * where the log ends.
 *
 * @throws NoSuchPosition, or what cut it: scan again after the last position that was dealt with
 */
export type LogScan = (
  range: ScanRange,
  signal: AbortSignal,
) => AsyncIterable<readonly StoredBytes[]>;

/** A scan was to begin after an event that is not in the log. */
export class NoSuchPosition extends Error {
  override readonly name = 'NoSuchPosition';

  constructor(position: bigint, options?: ErrorOptions) {
    super(
      `no event of the log lies at position ${position}: give the position of an event, as answers and JSON lines have it, or a time`,
      options,
    );
  }
}

const decoder = new TextDecoder('utf8', { fatal: true });

/** Undefined for bytes that are no text. */
export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
    // Stryker disable next-line BlockStatement: nothing given back is undefined
  } catch {
    return undefined;
  }
};

/** Bytes that are no JSON read as undefined: who decodes the event then says what is wrong with it. */
export const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(decoder.decode(bytes));
    // Stryker disable next-line BlockStatement: nothing given back is undefined
  } catch {
    return undefined;
  }
};

/** The event as subscriptions give it. */
export const recordedEvent = (stored: StoredBytes): RecordedEvent => ({
  id: stored.id,
  stream: stored.stream,
  type: stored.type,
  data: jsonOf(stored.data),
  metadata: jsonOf(stored.metadata),
  revision: stored.revision,
  position: stored.position,
  ...(stored.prepare !== undefined && { prepare: stored.prepare }),
});
