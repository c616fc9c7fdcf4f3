import { decodeEvent, type StoredEvent } from '../events/catalog';
import { badFieldOf } from '../events/kind';
import type { EventMetadata } from '../events/metadata';
import { UnknownEventType } from '../events/upcast';
import { isOperationEventType, operationKindOf, type OperationFact } from './events';

export type StoredOperationFact = OperationFact & { readonly metadata: EventMetadata };

/**
 * Reads a stored event of an operation: all fields that make sense of it are there.
 *
 * @throws Error for an event that lacks something, UnknownEventType for the type of no event of an operation,
 *   and as `decodeEvent`
 */
export const decodeOperationEvent = (stored: StoredEvent): StoredOperationFact => {
  if (!isOperationEventType(stored.type))
    throw new UnknownEventType(
      `${stored.type} is no event of an operation of this build: upgrade it if a newer one wrote it`,
    );
  // the log holds only what a decision recorded or a lift made of it; both are typed where they are written
  const fact = decodeEvent(stored) as StoredOperationFact;
  const bad = badFieldOf(operationKindOf(fact.type), { ...fact.data });
  if (bad !== undefined)
    throw new Error(`${fact.type} at revision ${fact.revision} has no ${bad} that makes sense`);
  return fact;
};
