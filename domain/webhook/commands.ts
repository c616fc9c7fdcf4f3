import type { Instant } from '../time';
import type { WebhookDefinition } from './definition';
import type { DisabledBecause } from './state';

/** Secrets come sealed: the log never has one in clear. */
export type WebhookCommand =
  | {
      readonly type: 'CreateWebhook';
      readonly definition: WebhookDefinition;
      readonly secret: string;
    }
  | { readonly type: 'ChangeWebhook'; readonly definition: WebhookDefinition }
  | {
      readonly type: 'RotateSecret';
      readonly secret: string;
      /** The one before signs as well until then. */
      readonly previousUntil: Instant;
    }
  | { readonly type: 'DisableWebhook'; readonly reason: DisabledBecause }
  | { readonly type: 'ResumeWebhook' }
  | { readonly type: 'DeleteWebhook' };

export type WebhookRejection = { readonly code: 'webhook-not-found' | 'webhook-exists' };
