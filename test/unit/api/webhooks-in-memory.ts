import type { Webhooks } from '../../../api/routes/webhooks/deps';
import { webhookAsOf } from '../../../commands/webhooks/webhook-as-of';
import { webhookCommands } from '../../../commands/webhooks/webhook-commands';
import type { Clock } from '../../../domain/time';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { newWebhookSecret, secretBox } from '../../../infra/secret-box';
import type { DeliveryView } from '../../../projections/queries/webhooks/deliveries';

/** The one delivery that every webhook has. */
export const theDelivery: Omit<DeliveryView, 'webhookId'> = {
  deliveryId: '0d3f5b1c-7c1e-5c34-9d2b-6f0f0f1a2b3c',
  eventType: 'job.failed',
  jobId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa',
  status: 'failed',
  attempts: 9,
  createdAt: '2026-11-23T12:00:00.000Z',
  attemptedAt: '2026-11-24T12:00:00.000Z',
  nextAt: null,
  body: '{}',
  answerStatus: 503,
  answerBody: 'down',
  error: 'the target answered 503',
};

/** Real commands over a log in memory, and one delivery. */
export const webhooksInMemory = (clock: Clock): Webhooks => {
  const { log } = memoryEventLog();
  const box = secretBox('a signing secret of a test, long enough', 'webhooks');
  return {
    commands: webhookCommands({ log, clock, ids: uuids, box, newSecret: newWebhookSecret }),
    list: {
      list: () => Promise.resolve({ items: [] }),
      made: () => Promise.resolve([]),
      deliveryState: () => Promise.resolve({ waiting: 0, failingSince: null }),
      countLiving: () => Promise.resolve(0),
    },
    asOf: (...asked) => webhookAsOf(log, ...asked),
    pastList: () => Promise.resolve({ items: [] }),
    deliveries: {
      list: (webhookId) => Promise.resolve({ items: [{ ...theDelivery, webhookId }] }),
      find: (webhookId) => Promise.resolve({ ...theDelivery, webhookId }),
    },
    wake: () => Promise.resolve(),
    resend: (_webhookId, deliveryId) => Promise.resolve(deliveryId === theDelivery.deliveryId),
    test: () => Promise.resolve({ deliveryId: theDelivery.deliveryId, answerStatus: 204 }),
    openSecret: box.open,
  };
};
