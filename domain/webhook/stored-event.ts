import type { EventMetadata } from '../events/metadata';
import { wholeEvents } from '../events/whole-event';
import { isWebhookLogType, webhookKindOf, type WebhookFact } from './events';

export type StoredWebhookFact = WebhookFact & { readonly metadata: EventMetadata };

/** Reads a stored event of a webhook. @throws as `wholeEvents` says */
export const decodeWebhookEvent = wholeEvents<WebhookFact>({
  aggregate: 'a webhook',
  isType: isWebhookLogType,
  kindOf: webhookKindOf,
});
