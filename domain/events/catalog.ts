import type { JobEventType, JobFact } from '../job/events';
import { isWithinLevels } from '../json/levels';
import { fromTimestamp } from '../time';
import type { EventMetadata } from './metadata';
import { currentVersion, UnknownEventType, upcast } from './upcast';

/** An event as any log stores it: opaque JSON under a type name. */
export type StoredEvent = {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly revision: bigint;
};

/** Record instead of a list: a new event type without an entry does not compile. */
const jobEventTypes: Readonly<Record<JobEventType, true>> = {
  JobScheduled: true,
  JobRescheduled: true,
  JobCancelled: true,
  JobDispatched: true,
  JobRedispatched: true,
  JobStarted: true,
  JobSucceeded: true,
  JobAttemptFailed: true,
  JobFailed: true,
  JobExpired: true,
  JobRedriven: true,
  JobAbortRequested: true,
  JobAborted: true,
};

export const jobEventTypeNames = Object.keys(jobEventTypes) as readonly JobEventType[]; // a record has the keys of its type

const isJobEventType = (type: string): type is JobEventType => Object.hasOwn(jobEventTypes, type);

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
 * Reads a stored job event.
 *
 * @throws Error       for data and metadata that are no objects, or nested without end: park the stream
 * @throws EventTooNew for a version that this build does not know, UnknownEventType for such a type
 */
export const decodeJobEvent = (
  stored: StoredEvent,
): JobFact & { readonly metadata: EventMetadata } => {
  const { type, data, metadata, revision } = stored;
  if (!isJobEventType(type))
    throw new UnknownEventType(
      `${type} is no job event of this build: upgrade it if a newer one wrote it`,
    );
  if (!isObject(data) || !isMetadata(metadata)) throw new Error(`${type} has no data or metadata`);
  if (!isWithinLevels(data, MAX_LEVELS) || !isWithinLevels(metadata, MAX_LEVELS))
    throw new Error(`${type} is nested deeper than ${MAX_LEVELS} levels`);
  const at = fromTimestamp(metadata.at);
  if (Number.isNaN(at)) throw new Error(`${type} was recorded at no readable time`);
  const lifted = upcast(type, metadata.schemaVersion, data);
  // the log holds only what a decision recorded or a lift made of it; both are typed where they are written
  return { type, data: lifted, at, revision, metadata } as JobFact & { metadata: EventMetadata };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMetadata = (value: unknown): value is EventMetadata =>
  isObject(value) && typeof value['at'] === 'string' && typeof value['schemaVersion'] === 'number';
