import { noRevision, tombstoneRevision, type ExpectedRevision } from './events';
import { isSoftDeleted, type StreamMetadata } from './stream-metadata';

/** What the writer knows of a stream when it decides. */
export type StreamState = {
  readonly revision: number;
  readonly metadata: StreamMetadata;
};

/** `mismatch` may still be a repeated append: compare the ids. */
export type Check = 'ok' | 'mismatch' | 'stream-deleted';

const isWritten = ({ revision, metadata }: StreamState): boolean =>
  revision !== noRevision && !isSoftDeleted(metadata);

/** The expected-revision rules of EventStoreDB: a soft-deleted stream counts as new and as its last revision. */
export const checkExpected = (expected: ExpectedRevision, state: StreamState): Check => {
  if (state.revision === tombstoneRevision) return 'stream-deleted';
  switch (expected) {
    case 'any':
      return 'ok';
    case 'no-stream':
      return isWritten(state) ? 'mismatch' : 'ok';
    case 'stream-exists':
      if (isWritten(state)) return 'ok';
      return state.revision === noRevision ? 'mismatch' : 'stream-deleted';
    default:
      return expected === state.revision ? 'ok' : 'mismatch';
  }
};

/** Revision that the first event of an append at this expectation has, if it was stored before. */
export const firstRevisionAt = (expected: ExpectedRevision): number | undefined => {
  if (typeof expected === 'number') return expected + 1;
  return expected === 'no-stream' ? 0 : undefined;
};
