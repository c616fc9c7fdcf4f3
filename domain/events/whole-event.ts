import type { JobFact } from '../job/events';
import { type StoredEvent } from './catalog';
import { decodeJobEvent, badFieldOf } from '../job/stored-event';
import type { EventMetadata } from './metadata';

const isText = (value: unknown): boolean => typeof value === 'string';

const isActor = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  isText(value.kind) &&
  'id' in value &&
  isText(value.id);

/**
 * Reads a stored job event for who goes by what it says: all fields that make sense of it are there. Whoever may
 * write to the log may write below `job-`.
 *
 * @throws Error for an event that lacks something, and as `decodeJobEvent`
 */
export const decodeWholeEvent = (
  stored: StoredEvent,
): JobFact & { readonly metadata: EventMetadata } => {
  const fact = decodeJobEvent(stored);
  const bad = badFieldOf(fact.type, { ...fact.data });
  const place = `${fact.type} at revision ${fact.revision}`;
  if (bad !== undefined) throw new Error(`${place} has no ${bad} that makes sense`);
  if (!isActor(fact.metadata.actor)) throw new Error(`${place} has no actor`);
  return fact;
};
