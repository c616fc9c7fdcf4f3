import type { Instant } from '../time';
import type { WebhookDefinition } from './definition';

/** `disabled`: nothing is sent until it is resumed. */
export const webhookStatuses = ['active', 'disabled', 'deleted'] as const;
export type WebhookStatus = (typeof webhookStatuses)[number];

/**
 * Why it is off. `gone`: the target answered 410. `failing`: no delivery succeeded for a day. `backlog`: more waited
 * than may wait.
 */
export type DisabledBecause = 'gone' | 'failing' | 'backlog';

export type KnownWebhook = {
  readonly status: WebhookStatus;
  readonly definition: WebhookDefinition;
  /** Sealed. */
  readonly secret: string;
  /** The one before, sealed too, and until when deliveries are signed with both. */
  readonly previous?: { readonly secret: string; readonly until: Instant };
  readonly revision: bigint;
  readonly createdAt: Instant;
  readonly disabledBecause?: DisabledBecause;
};

export type WebhookState = { readonly status: 'none' } | KnownWebhook;

export const initial: WebhookState = { status: 'none' };

export const known = (state: WebhookState, { type }: { readonly type: string }): KnownWebhook => {
  if (state.status === 'none') throw new Error(`${type} without a WebhookCreated before it`);
  return state;
};
