import type { WebhookRejection } from '../../domain/webhook/commands';
import type { KnownWebhook } from '../../domain/webhook/state';
import type { CommandRejection } from '../answers';

export type WebhookCommandRejection =
  | WebhookRejection
  | Extract<CommandRejection, { code: 'revision-mismatch' | 'idempotency-key-reused' }>;

export type WebhookAccepted = {
  readonly outcome: 'accepted';
  readonly webhookId: string;
  readonly webhook: KnownWebhook;
  readonly revision: bigint;
  /** Commit position to wait for in a query that must see it. */
  readonly position: bigint;
  /** The answer to an earlier request with the same idempotency key; the webhook is as it stands now. */
  readonly isReplay: boolean;
  /** The secret that this very request made, sealed. */
  readonly newSecret?: string;
};

/** `contended`: too many writers at once on one stream; nothing was recorded. */
export type WebhookAnswer =
  | WebhookAccepted
  | { readonly outcome: 'rejected'; readonly rejection: WebhookCommandRejection }
  | { readonly outcome: 'contended' };
