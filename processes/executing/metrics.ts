import type { Metrics } from '../../infra/metrics';

export const executorMetrics = ({ counter, gauge }: Metrics) => ({
  claimed: counter<[code: string]>(
    'executor_claims_total',
    'Claims of this executor; code is `granted`, `undecided` when nobody said yes or no, or why not',
    'code',
  ),
  reported: counter<[status: string, code: string]>(
    'executor_reports_total',
    'Reports of this executor; code is `accepted`, `lost` when nobody answered, or why not',
    'status',
    'code',
  ),
  dropped: counter<[reason: 'duplicate' | 'poison']>(
    'executor_dropped_messages_total',
    'Messages that led to no claim: `duplicate` or `poison`',
    'reason',
  ),
  putOff: counter(
    'executor_put_off_messages_total',
    'Messages given back to the broker for a while, because their owner or their target had its share of the slots',
  ),
  running: gauge('executor_running_jobs', 'Jobs running here'),
});

export type ExecutorMetrics = ReturnType<typeof executorMetrics>;
