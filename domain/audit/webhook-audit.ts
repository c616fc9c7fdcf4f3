import { webhookIdOf } from '../ids';
import type { WebhookTrace } from '../webhook/event-kinds';
import {
  webhookKindOf,
  webhookLogTypes,
  type AuditedWebhookEvent,
  type WebhookEventType,
} from '../webhook/events';
import type { AuditRule } from './audited-event';
import { streamAudit, type StreamAudit } from './stream-audit';
import type { TraceLayout } from './trace-table';
import type { Violation } from './violation';

export type WebhookAudit = StreamAudit<WebhookTrace, AuditedWebhookEvent>;

const statuses: readonly WebhookTrace['status'][] = ['none', 'active', 'disabled', 'deleted'];
/** Code 0 is no event, or one that could not be read. */
const lastTypes: readonly string[] = ['', ...webhookLogTypes];

const HEADLESS = 0x100;

const layout: TraceLayout<WebhookTrace> = {
  empty: () => ({ revision: -1, position: -1, lastType: '', isHeadless: false, status: 'none' }),
  floats: 2,
  counts: 2,
  loadFloats: (floats, at, webhook) => {
    webhook.revision = floats[at] ?? Number.NaN;
    webhook.position = floats[at + 1] ?? Number.NaN;
  },
  saveFloats: (floats, at, webhook) => {
    floats[at] = webhook.revision;
    floats[at + 1] = webhook.position;
  },
  loadCounts: (counts, at, webhook) => {
    const bits = counts[at] ?? 0;
    webhook.status = statuses[bits & 0xff] ?? 'none';
    webhook.isHeadless = (bits & HEADLESS) !== 0;
    webhook.lastType = lastTypes[counts[at + 1] ?? 0] ?? '';
  },
  saveCounts: (counts, at, webhook) => {
    counts[at] = statuses.indexOf(webhook.status) | (webhook.isHeadless ? HEADLESS : 0);
    counts[at + 1] = Math.max(0, lastTypes.indexOf(webhook.lastType));
  },
};

type WebhookRule = AuditRule<WebhookTrace, object>;

/** The promises of every event of a type; each one out of place is told by one of these two names only. */
const rulesOf = (type: WebhookEventType): readonly WebhookRule[] => {
  const { lawfulIn, rules } = webhookKindOf(type);
  const told = (isOne: (status: WebhookTrace['status']) => boolean) => ({
    breach: ({ status }: Readonly<WebhookTrace>) =>
      isOne(status) && !lawfulIn.includes(status)
        ? `${type} in a webhook that ${status === 'none' ? 'was not registered' : `is ${status}`}`
        : undefined,
  });
  return [
    { name: 'after-the-end', ...told((status) => status === 'deleted') },
    { name: 'legal-transition', ...told((status) => status !== 'deleted') },
    ...rules,
  ];
};

/** Holds webhooks against the spec. What was sent to them is in no log. */
export const webhookAudit = (report: (violation: Violation) => void): WebhookAudit =>
  streamAudit<WebhookTrace, AuditedWebhookEvent>(
    {
      layout,
      rules: new Map(webhookLogTypes.map((type) => [type, rulesOf(type)])),
      begins: (type) => type === 'WebhookCreated',
      subjectOf: (stream) => webhookIdOf(stream) ?? stream,
      advance: (webhook, event) => {
        webhookKindOf(event.type).trace(webhook, event);
        webhook.revision = event.revision;
        webhook.position = event.position;
        webhook.lastType = event.type;
      },
    },
    report,
    () => undefined,
  );
