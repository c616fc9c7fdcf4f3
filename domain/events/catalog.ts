import { isWithinLevels } from '../json/levels';
import { fromTimestamp } from '../time';
import { isObject } from './fields';
import type { FactOf } from './kind';
import type { EventMetadata } from './metadata';
import { currentVersion, upcast, type EventData } from './upcast';

/** An event as any log stores it: opaque JSON under a type name. */
export type StoredEvent = {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly revision: bigint;
};

/** Whether a newer build wrote it, in a shape that this one does not know: to go on without it would be to skip it. */
export const isFromTheFuture = ({ type, metadata }: StoredEvent): boolean =>
  isObject(metadata) &&
  typeof metadata['schemaVersion'] === 'number' &&
  metadata['schemaVersion'] > currentVersion(type);

/**
 * Far more than what comes in may have, and far less than what a writer of JSON can take. An event that somebody else
 * wrote must not become the one that nobody can write down again.
 */
export const MAX_LEVELS = 512;

/**
 * Reads a stored event of a type that this build knows.
 *
 * @throws Error       for data and metadata that are no objects, or nested without end: park the stream
 * @throws EventTooNew for a version that this build does not know
 */
export const decodeEvent = ({
  type,
  data,
  metadata,
  revision,
}: StoredEvent): FactOf<object> & { readonly metadata: EventMetadata } => {
  if (!isObject(data) || !isMetadata(metadata)) throw new Error(`${type} has no data or metadata`);
  if (!isWithinLevels(data, MAX_LEVELS) || !isWithinLevels(metadata, MAX_LEVELS))
    throw new Error(`${type} is nested deeper than ${MAX_LEVELS} levels`);
  const at = fromTimestamp(metadata.at);
  if (Number.isNaN(at)) throw new Error(`${type} was recorded at no readable time`);
  return { type, data: upcast(type, metadata.schemaVersion, data), at, revision, metadata };
};

/**
 * The data of a stored event, for a stream of which only one type of event means something; undefined for all else.
 *
 * @throws EventTooNew for a version that this build does not know
 */
export const dataOf = (
  meant: string,
  { type, data, metadata }: StoredEvent,
): EventData | undefined => {
  if (type !== meant || !isObject(data) || !isObject(metadata)) return undefined;
  const version = metadata['schemaVersion'];
  return typeof version === 'number' ? upcast(type, version, data) : undefined;
};

const isMetadata = (value: unknown): value is EventMetadata =>
  isObject(value) && typeof value['at'] === 'string' && typeof value['schemaVersion'] === 'number';
