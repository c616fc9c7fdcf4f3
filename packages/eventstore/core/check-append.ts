import { noRevision, tombstoneRevision, type ExpectedRevision } from './events';
import { isSoftDeleted, type StreamMetadata } from './stream-metadata';

/** What the writer knows of a stream when it decides. */
export type StreamState = {
  readonly revision: number;
  readonly metadata: StreamMetadata;
};

export type Check =
  | 'ok'
  /** The stream has not come so far. */
  | 'ahead'
  /** The stream has gone on: a repeated append when these ids are stored there. */
  | 'behind'
  /** The stream exists only if it has metadata. */
  | 'unwritten'
  | 'stream-deleted';

/** The revision that an expectation names: `no-stream` is the one before the first event. */
export const expectedNumber = (expected: 'no-stream' | number): number =>
  expected === 'no-stream' ? noRevision : expected;

/** The expected-revision rules of EventStoreDB, before event ids are looked at. */
export const checkExpected = (
  expected: ExpectedRevision,
  { revision, metadata }: StreamState,
): Check => {
  if (revision === tombstoneRevision) return 'stream-deleted';
  if (expected === 'any') return 'ok';
  if (expected === 'stream-exists') {
    if (isSoftDeleted(metadata)) return 'stream-deleted';
    return revision === noRevision ? 'unwritten' : 'ok';
  }
  const wanted = expectedNumber(expected);
  if (wanted === revision) return 'ok';
  return wanted > revision ? 'ahead' : 'behind';
};

/** Where re-creation begins: the only expectation behind a stream's end at which new events are stored. */
export const mayRecreate = (expected: ExpectedRevision, { metadata }: StreamState): boolean =>
  expected === 'no-stream' && isSoftDeleted(metadata);
