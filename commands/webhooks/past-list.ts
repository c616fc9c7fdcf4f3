import type { AsOf } from '../../domain/audit/as-of';
import type { Actor } from '../../domain/events/metadata';
import type { Instant } from '../../domain/time';
import type { KnownWebhook } from '../../domain/webhook/state';
import { webhookViewOf, type WebhookKey, type WebhookView } from '../../domain/webhook/view';
import { pastPage } from '../past/past-page';
import { WebhookUnreadable } from './webhook-stream';

export type PastWebhookListDeps = {
  /** Webhooks that were ever registered, the newest first; everybody's without an owner. */
  readonly made: (
    ownerId: string | undefined,
    page: { readonly limit: number; readonly after?: WebhookKey },
  ) => Promise<readonly WebhookKey[]>;
  readonly asOf: (webhookId: string, actor: Actor, asOf: AsOf) => Promise<KnownWebhook | undefined>;
};

export type PastWebhookListRequest = {
  readonly asOf: AsOf;
  readonly actor: Actor;
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string | undefined;
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: WebhookKey;
  readonly signal: AbortSignal;
};

export type PastWebhookPage = {
  readonly items: readonly WebhookView[];
  readonly next?: WebhookKey;
};

type Found = WebhookKey & { readonly webhook: KnownWebhook };

/** Comes first of all that were registered at a time or before: no webhook has this id, and none later is listed. */
const upTo = (at: Instant): WebhookKey => ({
  createdAt: at + 1,
  webhookId: '00000000-0000-0000-0000-000000000000',
});

/**
 * The registrations as they stood then, without those that were deleted by then. How deliveries fared is not in the
 * log, and not told. One that cannot be read is left out, and holds up no other.
 *
 * @throws EventLogUnavailable, EventTooNew, what the read model throws, or the reason of an aborted `signal`
 */
export const pastWebhookList =
  (deps: PastWebhookListDeps) =>
  async (request: PastWebhookListRequest): Promise<PastWebhookPage> => {
    const { asOf, actor, ownerId, limit, signal } = request;

    const then = async (key: WebhookKey): Promise<readonly Found[]> => {
      const webhook = await deps.asOf(key.webhookId, actor, asOf).catch((error: unknown) => {
        if (error instanceof WebhookUnreadable) return undefined;
        throw error;
      });
      return webhook ? [{ ...key, webhook }] : [];
    };

    const { items, next } = await pastPage<WebhookKey, WebhookKey, Found>(
      {
        made: (page) => deps.made(ownerId, page),
        listed: async (made) => (await Promise.all(made.map(then))).flat(),
        keyOf: ({ createdAt, webhookId }) => ({ createdAt, webhookId }),
      },
      {
        ...(limit !== undefined && { limit }),
        after: request.after ?? (asOf.kind === 'time' ? upTo(asOf.at) : undefined),
        signal,
      },
    );
    return {
      items: items.map(({ webhookId, webhook }) => webhookViewOf(webhookId, webhook)),
      ...(next && { next }),
    };
  };
