import type { StoredEvent } from '../events/catalog';
import { upcast } from '../events/upcast';
import { isUuid } from '../ids';

/** The stream of the one event that says which system a log is of; no job's, so the projection never asks for it. */
export const SYSTEM_STREAM = 'punctual-system';

// The type name and the fields are the storage format: never renamed, never removed.
export type SystemEvent = {
  readonly type: 'SystemFounded';
  readonly data: { readonly systemId: string };
};

const SYSTEM_FOUNDED = 'SystemFounded';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * Reads an event of the stream; undefined for what names no system.
 *
 * @throws EventTooNew for a version that this build does not know
 */
export const readSystemEvent = ({ type, data, metadata }: StoredEvent): SystemEvent | undefined => {
  if (type !== SYSTEM_FOUNDED || !isObject(data) || !isObject(metadata)) return undefined;
  const version = metadata['schemaVersion'];
  if (typeof version !== 'number') return undefined;
  const { systemId } = upcast(type, version, data);
  return typeof systemId === 'string' && isUuid(systemId)
    ? { type, data: { systemId } }
    : undefined;
};
