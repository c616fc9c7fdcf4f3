import type { EventMetadata } from './events/metadata';

/** What the writer saw: the stream's last revision, or that there was none. A mismatch is a conflict. */
export type ExpectedRevision = bigint | 'no-stream' | 'any';

export type NewEvent = {
  /** UUID; derived from the command, so that appending again is the same append. */
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly metadata: EventMetadata;
};

/** An event as a stream or the whole log gives it back. */
export type RecordedEvent = {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly revision: bigint;
  /** Commit position in the whole log; strictly rising, not consecutive. */
  readonly position: bigint;
  /** Prepare position, where it is another number: who goes on from here gives the server both. */
  readonly prepare?: bigint | undefined;
};

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly revision: bigint; readonly position: bigint }
  | { readonly outcome: 'conflict' };

/**
 * The event log as commands see it.
 *
 * Both calls end within the adapter's deadline. `append` retries inside with the same event ids.
 * @throws EventLogUnavailable   nothing was recorded
 * @throws EventLogRefused       nothing was recorded, and the same call again is refused again
 * @throws AppendOutcomeUnknown  the append may or may not have been recorded; the same append again tells
 * @throws StreamGone            nothing was recorded, and never will be
 */
export type EventLog = {
  /**
   * The whole stream, or what is left of it from a revision on, `limit` events at most, oldest first; empty for a
   * stream that is not there.
   */
  readonly read: (
    stream: string,
    from?: bigint,
    limit?: number,
  ) => Promise<readonly RecordedEvent[]>;
  /** All of the events or none. The same ids at the same expected revision again: the same answer. */
  readonly append: (
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ) => Promise<AppendOutcome>;
};

/** The last event of a stream, for streams whose last event says all. Bounds and outages as with `EventLog.read`. */
export type NewestEvents = {
  readonly newest: (stream: string) => Promise<RecordedEvent | undefined>;
};

export class EventLogUnavailable extends Error {
  override readonly name: string = 'EventLogUnavailable';
}

/** The log answers; one stream of it has too many writers. Nothing was recorded. */
export class StreamContended extends EventLogUnavailable {
  override readonly name: string = 'StreamContended';
}

/** `access-denied`: user or password, or a right that the user does not have. `too-large`: more than the store takes. */
export type RefusedBecause = 'access-denied' | 'too-large';

/** The log answers, and says no for good. */
export class EventLogRefused extends Error {
  override readonly name = 'EventLogRefused';
  readonly because: RefusedBecause;

  constructor(message: string, because: RefusedBecause, options?: ErrorOptions) {
    super(message, options);
    this.because = because;
  }
}

/** The stream was deleted for good by an administrator: there is nothing to read, and nothing can be appended. */
export class StreamGone extends Error {
  override readonly name = 'StreamGone';
}

export class AppendOutcomeUnknown extends Error {
  override readonly name = 'AppendOutcomeUnknown';
}
