import type { ToldOutcome } from '../../domain/operation/outcomes';
import type { Metrics } from '../../infra/metrics';

export const bulkChangerMetrics = ({ counter, gauge }: Metrics) => ({
  items: counter<[outcome: ToldOutcome['outcome']]>(
    'operation_items_total',
    'Jobs that operations went through: `changed`, `unchanged`, `refused`, `left`',
    'outcome',
  ),
  ended: counter<[how: 'completed' | 'stopped']>(
    'operations_ended_total',
    'Operations that came to an end: `completed`, `stopped`',
    'how',
  ),
  fault: counter(
    'operation_faults_total',
    'Operations on which an error was met; each is tried again and holds up no other',
  ),
  open: gauge('open_operations', 'Operations that are being carried out, ten of an owner at most'),
  perSecond: gauge(
    'operation_items_per_second',
    'Jobs that operations may change a second, as the system leaves room',
  ),
});

export type BulkChangerMetrics = ReturnType<typeof bulkChangerMetrics>;
