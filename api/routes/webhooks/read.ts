import { isJobId } from '../../../domain/ids';
import { webhookViewOf } from '../../../domain/webhook/view';
import { actorOf } from '../../access/principal';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import {
  optional,
  ownerOf,
  readAsOf,
  readLimit,
  together,
  webhookIdOf,
} from '../../http/parameters';
import type { Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer, staleness } from '../../http/staleness';
import { webhookListSchema, webhookSchema } from '../../schemas/webhooks';
import {
  afterParameter,
  answered,
  asOfParameter,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  ownerParameter,
} from '../described';
import { etagOf } from '../jobs/answers';
import { loadedWebhook, pastWebhook } from './answers';
import type { WebhooksDeps } from './deps';

export const listRoute = (deps: WebhooksDeps): Route => ({
  method: 'GET',
  path: '/v1/webhooks',
  operationId: 'listWebhooks',
  summary: 'List webhooks, the newest first',
  roles: JOB_ROLES,
  parameters: [
    ownerParameter,
    limitParameter('Webhooks'),
    cursorParameter,
    afterParameter,
    asOfParameter,
  ],
  answers: answered('One page, without deleted ones.', webhookListSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const { list, pastList, cursors, freshness, clock } = deps;
    const read = together({
      ownerId: ownerOf(call),
      limit: optional(call, 'limit', readLimit),
      asOf: readAsOf(call, clock),
    });
    if ('refusal' in read) return read.refusal;
    const { ownerId, limit = LIMITS.defaultPageLimit, asOf } = read.value;
    // a cursor of the past leads through that past, one of the present through the present
    const moment = asOf && call.query.get('asOf');
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, [
      ...['webhooks', id, role, ownerId],
      ...(moment ? [moment] : []),
    ]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const page = { limit, ...(after && { after: { createdAt: after.at, webhookId: after.id } }) };
    const actor = actorOf(call.principal);
    const { items, next } = asOf
      ? await call.inTime(
          (signal) => pastList({ asOf, actor, ownerId, ...page, signal }),
          'as-of-timed-out',
        )
      : await call.inTime(() => list.list(ownerId, page));
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
  parameters: [asOfParameter],
  answers: answered('The webhook as the log has it, and how its deliveries fare.', webhookSchema, {
    headers: { ETag: 'The revision of the webhook.' },
  }),
  late: 'event-log-unavailable',
  handle: async (call) => {
    const read = together({ webhookId: webhookIdOf(call), asOf: readAsOf(call, deps.clock) });
    if ('refusal' in read) return read.refusal;
    const { webhookId, asOf } = read.value;
    if (!isJobId(webhookId)) return { code: 'webhook-not-found' };
    if (asOf) {
      const past = await pastWebhook(deps, call, webhookId, asOf);
      return 'code' in past ? past : { status: 200, body: webhookViewOf(webhookId, past) };
    }
    const webhook = await loadedWebhook(deps, call, webhookId);
    if ('code' in webhook) return webhook;
    const state = await call.inTime(
      () => deps.list.deliveryState(webhookId),
      'read-model-unavailable',
    );
    return {
      status: 200,
      body: { ...webhookViewOf(webhookId, webhook), ...state },
      headers: { ETag: etagOf(webhook.revision) },
    };
  },
});
