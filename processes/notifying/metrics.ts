import type { DisabledBecause } from '../../domain/webhook/state';
import type { Metrics } from '../../infra/metrics';

export const notifierMetrics = ({ counter, gauge }: Metrics) => ({
  made: counter(
    'webhook_deliveries_made_total',
    'Status changes that were to be told to a webhook',
  ),
  attempted: counter<[outcome: 'delivered' | 'refused' | 'unanswered']>(
    'webhook_attempts_total',
    'Calls of webhooks: `delivered` (answered 2xx), `refused` (answered otherwise), `unanswered`',
    'outcome',
  ),
  givenUp: counter('webhook_deliveries_given_up_total', 'Deliveries that failed for a day'),
  disabled: counter<[reason: DisabledBecause]>(
    'webhooks_disabled_total',
    'Webhooks that were turned off: `gone` (answered 410), `failing` (a day without success), `backlog` (too many waited)',
    'reason',
  ),
  busy: gauge('webhooks_busy', 'Webhooks that are delivered to right now'),
  oldestDueMs: gauge(
    'webhook_oldest_due_ms',
    'How long the webhook that waits longest for its turn has waited, in ms',
  ),
  fault: counter(
    'webhook_faults_total',
    'Webhooks on which an error of our own was met; each is tried again and holds up no other',
  ),
});

export type NotifierMetrics = ReturnType<typeof notifierMetrics>;
