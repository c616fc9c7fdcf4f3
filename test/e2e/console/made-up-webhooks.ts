import type { Page } from 'playwright-core';

const MINUTE_MS = 60_000;

export const madeUpWebhookId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6000';

const idOf = (n: number): string => madeUpWebhookId.slice(0, -3) + String(n).padStart(3, '0');

const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE_MS).toISOString();

const webhook = (n: number, url: string, description: string, more: object = {}) => ({
  ...{ webhookId: idOf(n), ownerId: 'me', url, description, eventTypes: ['job.failed'] },
  ...{ status: 'active', revision: 0, createdAt: ago(40_000 + n), waiting: 0, failingSince: null },
  ...more,
});

const webhooks = [
  webhook(0, 'https://books.example.com/hooks/punctual', 'Closes the month', {
    ...{ eventTypes: ['job.succeeded', 'job.failed'], tags: ['invoice', 'month-end'], waiting: 2 },
    ...{ failingSince: ago(4) },
  }),
  webhook(1, 'https://oncall.example.org/page', 'Wakes somebody'),
  webhook(2, 'http://old-partner.example.net/in', 'Before the move', {
    ...{ status: 'disabled', disabledBecause: 'gone', waiting: 12 },
  }),
];

const delivery = (n: number, minutes: number, more: object = {}) => {
  const jobId = idOf(700 + n);
  const data = {
    ...{ jobId, ownerId: 'me', name: `Send invoice ${2_291 - n}`, status: 'succeeded' },
    ...{ revision: 3, attempt: 1, dueAt: ago(minutes), queue: 'default', tags: ['invoice'] },
    position: String(48_211 - 7 * n),
  };
  return {
    ...{ deliveryId: idOf(100 + n), webhookId: madeUpWebhookId, eventType: 'job.succeeded', jobId },
    ...{ status: 'delivered', attempts: 1, createdAt: ago(minutes), attemptedAt: ago(minutes) },
    ...{ nextAt: null, answerStatus: 204, answerBody: null, error: null },
    body: JSON.stringify({ type: 'job.succeeded', timestamp: ago(minutes), data }),
    ...more,
  };
};

const refused = {
  ...{ status: 'waiting', attempts: 3, answerStatus: 503 },
  ...{ answerBody: '{"error":"the ledger is locked"}', error: 'the target answered 503' },
};

const deliveries = [
  delivery(0, 3, { ...refused, nextAt: ago(-1) }),
  delivery(1, 4, { ...refused, nextAt: ago(-1) }),
  ...[6, 9, 14, 22].map((minutes, n) => delivery(2 + n, minutes)),
  delivery(6, 31, { ...{ jobId: null, eventType: 'webhook.test', answerStatus: 200 } }),
  delivery(7, 1_600, { ...refused, status: 'failed', attempts: 31, eventType: 'job.failed' }),
];

/** Lets a page see webhooks of one who has some, whatever there really is. */
export const madeUpWebhooks = async (page: Page): Promise<void> => {
  await page.route(/\/v1\/webhooks(\?|$)/, (route) => route.fulfill({ json: { items: webhooks } }));
  await page.route(new RegExp(`/v1/webhooks/${madeUpWebhookId}$`), (route) =>
    route.fulfill({ json: webhooks[0] ?? {} }),
  );
  await page.route(/\/v1\/webhooks\/[^/]+\/deliveries/, (route) =>
    route.fulfill({ json: { items: deliveries } }),
  );
};
