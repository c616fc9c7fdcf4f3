import { isJobId } from '../../../domain/ids';
import { webhookViewOf } from '../../../domain/webhook/view';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import { optional, ownerOf, readLimit, together, webhookIdOf } from '../../http/parameters';
import type { Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer, staleness } from '../../http/staleness';
import { webhookListSchema, webhookSchema } from '../../schemas/webhooks';
import {
  afterParameter,
  answered,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  ownerParameter,
} from '../described';
import { etagOf } from '../jobs/answers';
import { loadedWebhook } from './answers';
import type { WebhooksDeps } from './deps';

export const listRoute = ({ list, cursors, freshness }: WebhooksDeps): Route => ({
  method: 'GET',
  path: '/v1/webhooks',
  operationId: 'listWebhooks',
  summary: 'List webhooks, the newest first',
  roles: JOB_ROLES,
  parameters: [ownerParameter, limitParameter('Webhooks'), cursorParameter, afterParameter],
  answers: answered('One page, without deleted ones.', webhookListSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({ ownerId: ownerOf(call), limit: optional(call, 'limit', readLimit) });
    if ('refusal' in read) return read.refusal;
    const { ownerId, limit = LIMITS.defaultPageLimit } = read.value;
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, ['webhooks', id, role, ownerId]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { items, next } = await call.inTime(() =>
      list.list(ownerId, {
        limit,
        ...(after && { after: { createdAt: after.at, webhookId: after.id } }),
      }),
    );
    return {
      status: 200,
      body: {
        items,
        ...(next && { nextCursor: write({ at: next.createdAt, id: next.webhookId }) }),
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});

export const oneRoute = (deps: WebhooksDeps): Route => ({
  method: 'GET',
  path: '/v1/webhooks/{webhookId}',
  operationId: 'getWebhook',
  summary: 'Read a webhook',
  roles: JOB_ROLES,
  answers: answered('The webhook as the log has it, and how its deliveries fare.', webhookSchema, {
    headers: { ETag: 'The revision of the webhook.' },
  }),
  late: 'event-log-unavailable',
  handle: async (call) => {
    const id = webhookIdOf(call);
    if ('refusal' in id) return id.refusal;
    if (!isJobId(id.value)) return { code: 'webhook-not-found' };
    const webhook = await loadedWebhook(deps, call, id.value);
    if ('code' in webhook) return webhook;
    const state = await call.inTime(
      () => deps.list.deliveryState(id.value),
      'read-model-unavailable',
    );
    return {
      status: 200,
      body: { ...webhookViewOf(id.value, webhook), ...state },
      headers: { ETag: etagOf(webhook.revision) },
    };
  },
});
