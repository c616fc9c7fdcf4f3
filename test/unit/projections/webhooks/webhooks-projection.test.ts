import type { RecordedEvent } from '../../../../domain/event-log';
import { webhookStream } from '../../../../domain/ids';
import { webhooksProjection } from '../../../../projections/webhooks/webhooks-projection';

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';

const recorded = (type: string, data: object, stream = webhookStream(ID)): RecordedEvent => ({
  ...{ id: 'e', stream, type, data, revision: 1n, position: 7n },
  metadata: {
    ...{ at: '2026-12-07T10:00:00.000Z', schemaVersion: 1, actor: { kind: 'user', id: 'ada' } },
  },
});

test('each event is a statement, in the order of the log; the end of a deleted stream is none', () => {
  const { statements, partitions, notice } = webhooksProjection.plan([
    recorded('WebhookCreated', {
      ...{ ownerId: 'ada', url: 'https://example.com', eventTypes: [], secret: 'v1.x' },
    }),
    recorded('WebhookResumed', {}),
    recorded('$streamDeleted', {}),
  ]);
  expect(statements.map(({ name, values = [] }) => [name, ...values.slice(0, 3)])).toEqual([
    ['webhooks_insert', ID, '1', '7'],
    ['webhooks_update', ID, '1', '7'],
  ]);
  expect({ partitions, notice }).toEqual({ partitions: [], notice: {} });
});

test('only streams of webhooks are its own, and an event of another is refused', () => {
  expect(webhooksProjection.isMine(webhookStream(ID))).toBe(true);
  expect(webhooksProjection.isMine('webhook-x')).toBe(false);
  expect(webhooksProjection.isMine(`job-${ID}`)).toBe(false);
  expect(() => webhooksProjection.plan([recorded('WebhookResumed', {}, 'webhook-x')])).toThrow(
    'webhook-x is no stream of a webhook',
  );
});
