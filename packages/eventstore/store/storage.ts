import type { RecordedEvent } from '../core/events';
import type { StreamMetadata } from '../core/stream-metadata';

export type Direction = 'forwards' | 'backwards';

export type StoredHead = {
  /** Last revision of the stream, -1 when it was never written. */
  readonly revision: number;
  readonly metadata: StreamMetadata;
};

export type StoredId = {
  readonly id: Buffer;
  readonly revision: number;
  readonly sequence: number;
};

export type StreamPlace = { readonly stream: string; readonly revision: number };

export type StoredPlaces = {
  readonly events: readonly (RecordedEvent | undefined)[];
  readonly heads: ReadonlyMap<string, StoredHead>;
};

export type RecentId = StoredId & { readonly stream: string };

/**
 * A page ends with the event that brings its data and metadata to this, however many were asked for: a reader
 * holds on to a page for as long as its peer is slow.
 */
export const pageBytes = 1024 * 1024;

/** Reads of committed events; every call rejects while the database is away. */
export type StorageReader = {
  /** The heads of those of the streams that have events or metadata. */
  readonly heads: (streams: readonly string[]) => Promise<ReadonlyMap<string, StoredHead>>;
  /** Ids of `count` events of a stream from a revision on, fewer at its end. */
  readonly idsFrom: (
    stream: string,
    revision: number,
    count: number,
  ) => Promise<readonly StoredId[]>;
  /** Events in log order from `from` on, that one included; a page of at most `limit`. */
  readonly readAll: (
    from: number,
    direction: Direction,
    limit: number,
  ) => Promise<readonly RecordedEvent[]>;
  /** Events of a stream from `from` on, that one included, none newer than `upToSequence`; a page of at most `limit`. */
  readonly readStream: (
    stream: string,
    from: number,
    direction: Direction,
    upToSequence: number,
    limit: number,
  ) => Promise<readonly RecordedEvent[]>;
  /**
   * First revision of `first` to `last` (inclusive) whose event was created at `sinceMs` or later, `last` + 1 when
   * none was. Searches by halves: where the clock was set back, events around that time may be off by as much.
   */
  readonly firstCreatedSince: (
    stream: string,
    first: number,
    last: number,
    sinceMs: number,
  ) => Promise<number>;
  /** The events at these places, in their order, and what reads of their streams show. */
  readonly readPlaces: (places: readonly StreamPlace[]) => Promise<StoredPlaces>;
  /** The newest ids, oldest first. */
  readonly recentIds: (limit: number) => Promise<readonly RecentId[]>;
  /** Streams that have metadata or a tombstone; at most `limit` of each. */
  readonly reservedStreams: (limit: number) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** With `revision-taken` nothing was stored: another event has the stream and revision of one of these. */
export type CommitResult = 'stored' | 'revision-taken';

/**
 * The one connection that writes. It holds the schema's lock for life, so once a new session is open no
 * commit of the last one can still arrive.
 */
export type WriterSession = {
  /** Newest sequence in the log when the session began, 0 when it is empty. */
  readonly lastSequence: number;
  /** All or none of the events; when it rejects the outcome is unknown until the next session. */
  readonly commit: (events: readonly RecordedEvent[]) => Promise<CommitResult>;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly lost: Promise<void>;
  readonly close: () => Promise<void>;
};

export type Storage = {
  /** @throws SchemaLockedError when another server writes to the schema. */
  readonly openWriter: () => Promise<WriterSession>;
  readonly reader: StorageReader;
};

export class SchemaLockedError extends Error {
  constructor(schema: string) {
    super(`another event store server writes to schema "${schema}" of this database`);
    this.name = 'SchemaLockedError';
  }
}
