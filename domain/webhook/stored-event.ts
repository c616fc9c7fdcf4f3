import { decodeEvent, type StoredEvent } from '../events/catalog';
import { badFieldOf } from '../events/kind';
import type { EventMetadata } from '../events/metadata';
import { UnknownEventType } from '../events/upcast';
import { isWebhookLogType, webhookKindOf, type WebhookFact } from './events';

export type StoredWebhookFact = WebhookFact & { readonly metadata: EventMetadata };

/**
 * Reads a stored event of a webhook: all fields that make sense of it are there.
 *
 * @throws Error for an event that lacks something, UnknownEventType for the type of no webhook event,
 *   and as `decodeEvent`
 */
export const decodeWebhookEvent = (stored: StoredEvent): StoredWebhookFact => {
  if (!isWebhookLogType(stored.type))
    throw new UnknownEventType(
      `${stored.type} is no webhook event of this build: upgrade it if a newer one wrote it`,
    );
  // the log holds only what a decision recorded or a lift made of it; both are typed where they are written
  const fact = decodeEvent(stored) as StoredWebhookFact;
  const bad = badFieldOf(webhookKindOf(fact.type), { ...fact.data });
  if (bad !== undefined)
    throw new Error(`${fact.type} at revision ${fact.revision} has no ${bad} that makes sense`);
  return fact;
};
