/** Stands for 2^63-1, the revision of a tombstone; that number is no exact JS number, the wire and the table hold it exactly. */
export const tombstoneRevision = 2 ** 63;

/** The revision of a stream that nobody has written to. */
export const noRevision = -1;

export type ProposedEvent = {
  /** 16 bytes. */
  readonly id: Buffer;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
};

export type RecordedEvent = ProposedEvent & {
  /** Place in the log, from 1, without a gap. */
  readonly sequence: number;
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: number;
  readonly createdMs: number;
};

export type ExpectedRevision = 'any' | 'no-stream' | 'stream-exists' | number;

/** What an append answers. `unknown` says that it may or may not have been stored: retry with the same event ids. */
export type AppendOutcome =
  | {
      readonly outcome: 'appended';
      readonly revision: number;
      readonly sequence: number | undefined;
    }
  | { readonly outcome: 'wrong-expected-revision'; readonly current: number }
  | { readonly outcome: 'stream-deleted' }
  | { readonly outcome: 'access-denied' }
  | { readonly outcome: 'unknown' };

export type AppendRequest = {
  readonly kind: 'append';
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
  /** Since the epoch; what is not begun by then is not stored. */
  readonly deadlineMs?: number | undefined;
};

/** A soft delete hides what is there and lets the stream go on; a tombstone ends it for ever. */
export type DeleteRequest = {
  readonly kind: 'soft-delete' | 'tombstone';
  readonly stream: string;
  readonly expected: ExpectedRevision;
};

export type WriteRequest = AppendRequest | DeleteRequest;

/** Rough memory of an event that is kept: its bytes and the objects around them. */
export const memoryBytes = (event: RecordedEvent): number =>
  event.data.length + event.metadata.length + event.stream.length + 500;
