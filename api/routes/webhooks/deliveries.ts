import { isUuid } from '../../../domain/ids';
import { deliveryStatuses, type DeliveryStatus } from '../../../domain/webhook/delivery';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import {
  optional,
  readLimit,
  together,
  webhookIdOf,
  withoutUndefined,
} from '../../http/parameters';
import type { Route } from '../../http/route';
import { oneOf } from '../../schemas/parts';
import { validator } from '../../schemas/validation';
import { deliveryListSchema, deliverySchema, nothingBody } from '../../schemas/webhooks';
import { answered, cursorParameter, JOB_ROLES, limitParameter, parameter } from '../described';
import { loadedWebhook } from './answers';
import type { WebhooksDeps } from './deps';

const isDeliveryStatus = (text: string): text is DeliveryStatus =>
  (deliveryStatuses as readonly string[]).includes(text);

const readStatus = (text: string) =>
  isDeliveryStatus(text) ? { value: text } : { problem: 'bad-parameter' as const };

const readJobId = (text: string) =>
  isUuid(text.toLowerCase()) ? { value: text.toLowerCase() } : { problem: 'bad-id' as const };

export const deliveriesRoute = (deps: WebhooksDeps): Route => ({
  method: 'GET',
  path: '/v1/webhooks/{webhookId}/deliveries',
  operationId: 'listDeliveries',
  summary: 'List what was sent to a webhook, the newest first',
  roles: JOB_ROLES,
  parameters: [
    parameter('status', 'Those of one status.', oneOf(deliveryStatuses)),
    parameter('jobId', 'Those of one job.'),
    limitParameter('Deliveries'),
    cursorParameter,
  ],
  answers: answered('One page; kept for a week.', deliveryListSchema),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({
      webhookId: webhookIdOf(call),
      status: optional(call, 'status', readStatus),
      jobId: optional(call, 'jobId', readJobId),
      limit: optional(call, 'limit', readLimit),
    });
    if ('refusal' in read) return read.refusal;
    const { webhookId, limit = LIMITS.defaultPageLimit, status, jobId } = read.value;
    const filter = withoutUndefined({ status, jobId });
    const { id, role } = call.principal;
    const paging = pagingOf(call, deps.cursors, ['deliveries', id, role, webhookId, filter]);
    if ('refusal' in paging) return paging.refusal;
    const webhook = await loadedWebhook(deps, call, webhookId);
    if ('code' in webhook) return webhook;
    const { after, write } = paging.value;
    const { items, next } = await call.inTime(() =>
      deps.deliveries.list(webhookId, filter, {
        limit,
        ...(after && { after: { createdAt: after.at, deliveryId: after.id } }),
      }),
    );
    return {
      status: 200,
      body: {
        items,
        ...(next && { nextCursor: write({ at: next.createdAt, id: next.deliveryId }) }),
      },
    };
  },
});

const checkNothing = validator(nothingBody);

export const resendRoute = (deps: WebhooksDeps): Route => ({
  method: 'POST',
  path: '/v1/webhooks/{webhookId}/deliveries/{deliveryId}/resend',
  operationId: 'resendDelivery',
  summary: 'Send a delivery again',
  roles: JOB_ROLES,
  body: {
    schema: nothingBody,
    maxBytes: LIMITS.bodyBytes,
    shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
    isOptional: true,
  },
  answers: [
    {
      status: 202,
      description:
        'It is sent again under the same id, out of the order of its job if it had ended.',
      schema: deliverySchema,
    },
  ],
  late: 'outcome-unknown',
  handle: async (call) => {
    const id = webhookIdOf(call);
    if ('refusal' in id) return id.refusal;
    const asked = checkNothing(call.body);
    if ('refusal' in asked) return asked.refusal;
    const deliveryId = (call.params['deliveryId'] ?? '').toLowerCase();
    const webhook = await loadedWebhook(deps, call, id.value);
    if ('code' in webhook) return webhook;
    if (webhook.status !== 'active') return { code: 'webhook-disabled' };
    const isThere =
      isUuid(deliveryId) &&
      (await call.inTime(() => deps.resend(id.value, deliveryId, deps.clock.now())));
    const delivery = isThere
      ? await call.inTime(() => deps.deliveries.find(id.value, deliveryId))
      : undefined;
    return delivery ? { status: 202, body: delivery } : { code: 'delivery-not-found' };
  },
});
