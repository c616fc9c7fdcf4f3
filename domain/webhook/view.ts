import { toTimestamp, type Instant, type Timestamp } from '../time';
import type { WebhookDefinition } from './definition';
import type { DisabledBecause, KnownWebhook, WebhookStatus } from './state';

/** A webhook as answers show it, without its secrets. */
export type WebhookView = WebhookDefinition & {
  readonly webhookId: string;
  readonly status: WebhookStatus;
  readonly disabledBecause?: DisabledBecause;
  readonly revision: number;
  readonly createdAt: Timestamp;
  /** Until when the secret before the last rotation signs as well. */
  readonly previousSecretUntil?: Timestamp;
};

/** A place in a list: the last webhook that was seen. */
export type WebhookKey = { readonly createdAt: Instant; readonly webhookId: string };

export const webhookViewOf = (
  webhookId: string,
  { definition, status, disabledBecause, revision, createdAt, previous }: KnownWebhook,
): WebhookView => ({
  webhookId,
  ...definition,
  status,
  ...(disabledBecause !== undefined && { disabledBecause }),
  revision: Number(revision),
  createdAt: toTimestamp(createdAt),
  ...(previous && { previousSecretUntil: toTimestamp(previous.until) }),
});
