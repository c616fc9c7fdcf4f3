import type { AuditedWebhookEvent } from '../../../../domain/webhook/events';
import { webhookAudit } from '../../../../domain/audit/webhook-audit';
import type { Violation } from '../../../../domain/audit/violation';

const STREAM = 'webhook-019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';
const definition = { ownerId: 'ada', url: 'https://example.com', eventTypes: [] };
const placed = (revision: number) => ({ at: 0, revision, position: revision, dueAt: Number.NaN });
const created: AuditedWebhookEvent = {
  ...{ type: 'WebhookCreated', data: { ...definition, secret: 'v1.x' }, ...placed(0) },
};

const rulesBrokenBy = (...events: readonly AuditedWebhookEvent[]): readonly string[] => {
  const found: Violation[] = [];
  const audit = webhookAudit((violation) => void found.push(violation));
  for (const event of events) audit.take(STREAM, event);
  return found.map(({ rule }) => rule);
};

test('a life of a webhook as commands record it breaks nothing', () => {
  expect(
    rulesBrokenBy(
      created,
      { type: 'WebhookDisabled', data: { reason: 'gone' }, ...placed(1) },
      { type: 'WebhookResumed', data: {}, ...placed(2) },
      { type: 'WebhookDeleted', data: {}, ...placed(3) },
    ),
  ).toEqual([]);
});

test.each<readonly [string, readonly AuditedWebhookEvent[], string]>([
  [
    'one that goes on after its deletion',
    [
      created,
      { type: 'WebhookDeleted', data: {}, ...placed(1) },
      { type: 'WebhookResumed', data: {}, ...placed(2) },
    ],
    'after-the-end',
  ],
  [
    'one that is resumed while it is on',
    [created, { type: 'WebhookResumed', data: {}, ...placed(1) }],
    'legal-transition',
  ],
  [
    'an event that is missing',
    [created, { type: 'WebhookDeleted', data: {}, ...placed(2) }],
    'revision-gap',
  ],
])('the audit tells of %s', (_what, events, rule) => {
  expect(rulesBrokenBy(...events)).toEqual([rule]);
});
