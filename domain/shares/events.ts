import { dataOf, type StoredEvent } from '../events/catalog';
import { isShares, type Shares } from './shares';

/** The stream of the one document; no job's, so the projection never asks for it. */
export const SHARES_STREAM = 'shares';

// The type name and the fields are the storage format: never renamed, never removed.
export type SharesEvent = {
  readonly type: 'SharesSet';
  readonly data: { readonly shares: Shares };
};

const SHARES_SET = 'SharesSet';

/**
 * Reads an event of the stream; undefined for what is no document that we wrote.
 *
 * @throws EventTooNew for a version that this build does not know
 */
export const readSharesEvent = (stored: StoredEvent): SharesEvent | undefined => {
  const shares = dataOf(SHARES_SET, stored)?.['shares'];
  return isShares(shares) ? { type: SHARES_SET, data: { shares } } : undefined;
};
