import { dataOf, type StoredEvent } from '../events/catalog';
import { isUuid } from '../ids';

/** The stream of the one event that says which system a log is of; no job's, so the projection never asks for it. */
export const SYSTEM_STREAM = 'punctual-system';

// The type name and the fields are the storage format: never renamed, never removed.
export type SystemEvent = {
  readonly type: 'SystemFounded';
  readonly data: { readonly systemId: string };
};

const SYSTEM_FOUNDED = 'SystemFounded';

/**
 * Reads an event of the stream; undefined for what names no system.
 *
 * @throws EventTooNew for a version that this build does not know
 */
export const readSystemEvent = (stored: StoredEvent): SystemEvent | undefined => {
  const systemId = dataOf(SYSTEM_FOUNDED, stored)?.['systemId'];
  return typeof systemId === 'string' && isUuid(systemId)
    ? { type: SYSTEM_FOUNDED, data: { systemId } }
    : undefined;
};
