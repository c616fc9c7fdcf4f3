import type { RecordedEvent } from '../../domain/event-log';
import { isTombstone, WEBHOOK_STREAM_PREFIX, webhookIdOf } from '../../domain/ids';
import { decodeWebhookEvent } from '../../domain/webhook/stored-event';
import type { Projection } from '../projection';
import { NO_NOTICE } from '../writing/notice';
import { webhooks } from './migrations/0022-webhooks';
import { webhookStatement, type PlacedWebhookFact } from './webhook-rows';

const placedFact = (event: RecordedEvent): PlacedWebhookFact => {
  const webhookId = webhookIdOf(event.stream);
  if (webhookId === undefined) throw new Error(`${event.stream} is no stream of a webhook`);
  const { metadata, ...fact } = decodeWebhookEvent(event);
  return { ...fact, webhookId, position: event.position, recordedAt: metadata.at };
};

/** Webhooks as they stand. What is sent to them is no projection: a replay must not send it again. */
export const webhooksProjection: Projection = {
  name: 'webhooks',
  tables: {
    webhooks: { key: ['webhook_id'], bucket: 'get_byte(uuid_send(t.webhook_id), 15)' },
  },
  migrations: [webhooks],
  prefixes: [WEBHOOK_STREAM_PREFIX],
  isMine: (stream) => webhookIdOf(stream) !== undefined,
  plan: (events) => ({
    statements: events
      .filter(({ type }) => !isTombstone(type))
      .map(placedFact)
      .map(webhookStatement),
    partitions: [],
    notice: NO_NOTICE,
  }),
  trims: [],
  noticeOfAll: () => Promise.resolve(NO_NOTICE),
  rebuild: 'by-plan',
};
