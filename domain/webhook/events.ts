import type { AuditedOf } from '../audit/audited-event';
import type { Checked, FactOf } from '../events/kind';
import { kinds, type WebhookEventKind } from './event-kinds';

type Kinds = typeof kinds;
type DataOf<Type extends WebhookEventType> = Parameters<Kinds[Type]['evolve']>[1]['data'];

export type WebhookEventType = keyof Kinds;

export type WebhookEvent = {
  [Type in WebhookEventType]: { readonly type: Type; readonly data: DataOf<Type> };
}[WebhookEventType];

/** An event as the log has it: with the time it was recorded at and its revision in the stream. */
export type WebhookFact = WebhookEvent & Pick<FactOf<never>, 'at' | 'revision'>;

/** The same as the audit reads it. */
export type AuditedWebhookEvent = WebhookEvent & Omit<AuditedOf<never>, 'type' | 'data'>;

export const webhookLogTypes = Object.keys(kinds) as readonly WebhookEventType[]; // a record has the keys of its type

export const isWebhookLogType = (type: string): type is WebhookEventType =>
  Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const webhookKindOf = (type: WebhookEventType): WebhookEventKind<object> & Checked =>
  kinds[type] as WebhookEventKind<object> & Checked;
