import { decodeEvent, type StoredEvent } from '../events/catalog';
import { isObject, isText } from '../events/fields';
import { badFieldOf } from '../events/kind';
import type { EventMetadata } from '../events/metadata';
import { UnknownEventType } from '../events/upcast';
import { isJobEventType, kindOf, type JobFact } from './events';

type StoredFact = JobFact & { readonly metadata: EventMetadata };

/**
 * Reads a stored job event.
 *
 * @throws as `decodeEvent`, and UnknownEventType for the type of no job event
 */
export const decodeJobEvent = (stored: StoredEvent): StoredFact => {
  if (!isJobEventType(stored.type))
    throw new UnknownEventType(
      `${stored.type} is no job event of this build: upgrade it if a newer one wrote it`,
    );
  // the log holds only what a decision recorded or a lift made of it; both are typed where they are written
  return decodeEvent(stored) as StoredFact;
};

const isActor = (value: unknown): boolean =>
  isObject(value) && isText(value['kind']) && isText(value['id']);

/**
 * Reads a stored job event for who goes by what it says: all fields that make sense of it are there. Whoever may
 * write to the log may write below `job-`.
 *
 * @throws Error for an event that lacks something, and as `decodeJobEvent`
 */
export const decodeWholeEvent = (stored: StoredEvent): StoredFact => {
  const fact = decodeJobEvent(stored);
  const bad = badFieldOf(kindOf(fact.type), { ...fact.data });
  const place = `${fact.type} at revision ${fact.revision}`;
  if (bad !== undefined) throw new Error(`${place} has no ${bad} that makes sense`);
  if (!isActor(fact.metadata.actor)) throw new Error(`${place} has no actor`);
  return fact;
};
