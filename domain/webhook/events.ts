import type { Checked } from '../events/kind';
import type { Audited, EventOf, Recorded } from '../events/kinds';
import { kinds, type WebhookEventKind } from './event-kinds';

type Kinds = typeof kinds;

export type WebhookEventType = keyof Kinds;

export type WebhookEvent = EventOf<Kinds>;

export type WebhookFact = Recorded<WebhookEvent>;
export type AuditedWebhookEvent = Audited<WebhookEvent>;

export const webhookLogTypes = Object.keys(kinds) as readonly WebhookEventType[]; // a record has the keys of its type

export const isWebhookLogType = (type: string): type is WebhookEventType =>
  Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const webhookKindOf = (type: WebhookEventType): WebhookEventKind<object> & Checked =>
  kinds[type] as WebhookEventKind<object> & Checked;
