/** What EventStoreDB promises of streams, small enough to be seen right; written from its rules, not from our server. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint;

export type ModelStream = {
  /** Ids by revision. */
  readonly ids: readonly string[];
  readonly isSoftDeleted: boolean;
  readonly hasTombstone: boolean;
  readonly truncateBefore: number;
  readonly maxCount: number | undefined;
  /** How many events its metastream has. */
  readonly metadataEvents: number;
};

export const emptyStream: ModelStream = {
  ids: [],
  isSoftDeleted: false,
  hasTombstone: false,
  truncateBefore: 0,
  maxCount: undefined,
  metadataEvents: 0,
};

export const lastRevision = ({ ids }: ModelStream): number => ids.length - 1;

export type Answer =
  | { readonly is: 'ok'; readonly revision?: number }
  | { readonly is: 'wrong-expected-version' | 'stream-deleted' | 'stream-not-found' };

/** A no that depends on the expected revision alone. */
export const refusal = (stream: ModelStream, expected: Expected): Answer | undefined => {
  if (stream.hasTombstone) return { is: 'stream-deleted' };
  const isWritten = stream.ids.length > 0 && !stream.isSoftDeleted;
  const wrong = { is: 'wrong-expected-version' } as const;
  if (expected === 'any') return undefined;
  if (expected === 'no_stream') return isWritten ? wrong : undefined;
  if (expected === 'stream_exists') {
    // a stream that has metadata exists, also without an event
    if (isWritten || (stream.metadataEvents > 0 && !stream.isSoftDeleted)) return undefined;
    return stream.isSoftDeleted ? { is: 'stream-deleted' } : wrong;
  }
  return Number(expected) === lastRevision(stream) ? undefined : wrong;
};

/** The stream after events with new ids; a deleted one shows only these. An append of none revives it as well. */
export const appended = (stream: ModelStream, ids: readonly string[]): ModelStream => {
  const revived = stream.isSoftDeleted
    ? {
        isSoftDeleted: false,
        truncateBefore: stream.ids.length,
        metadataEvents: stream.metadataEvents + 1,
      }
    : {};
  return { ...stream, ...revived, ids: [...stream.ids, ...ids] };
};

/** Whether these ids were stored by an append that expected this. */
export const isRepeated = (
  stream: ModelStream,
  expected: 'no_stream' | bigint,
  ids: readonly string[],
): boolean => {
  const from = expected === 'no_stream' ? 0 : Number(expected) + 1;
  return ids.length > 0 && ids.every((id, i) => stream.ids[from + i] === id);
};

/** Revisions that a read shows, lowest first; or why there are none. */
export const visible = (stream: ModelStream): Answer | readonly number[] => {
  if (stream.hasTombstone) return { is: 'stream-deleted' };
  if (stream.ids.length === 0 || stream.isSoftDeleted) return { is: 'stream-not-found' };
  const kept = stream.maxCount === undefined ? 0 : stream.ids.length - stream.maxCount;
  const first = Math.max(stream.truncateBefore, kept);
  return stream.ids.map((_, revision) => revision).filter((revision) => revision >= first);
};
