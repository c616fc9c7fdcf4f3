import type { StoredEvent } from '../events/catalog';
import { upcast } from '../events/upcast';
import { isShares, type Shares } from './shares';

/** The stream of the one document; no job's, so the projection never asks for it. */
export const SHARES_STREAM = 'shares';

// The type name and the fields are the storage format: never renamed, never removed.
export type SharesEvent = {
  readonly type: 'SharesSet';
  readonly data: { readonly shares: Shares };
};

const SHARES_SET = 'SharesSet';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * Reads an event of the stream; undefined for what is no document that we wrote.
 *
 * @throws EventTooNew for a version that this build does not know
 */
export const readSharesEvent = ({ type, data, metadata }: StoredEvent): SharesEvent | undefined => {
  if (type !== SHARES_SET || !isObject(data) || !isObject(metadata)) return undefined;
  const version = metadata['schemaVersion'];
  if (typeof version !== 'number') return undefined;
  const { shares } = upcast(type, version, data);
  return isShares(shares) ? { type, data: { shares } } : undefined;
};
