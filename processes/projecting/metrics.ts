import type { Metrics } from '../../infra/metrics';

export const projectorMetrics = ({ counter, gauge, histogram }: Metrics) => ({
  applied: counter('projected_events_total', 'Events applied'),
  batchMs: histogram('projection_batch_ms', 'Time of one batch'),
  lagEvents: gauge('projection_lag_events', 'Events that have arrived and are not applied'),
  lagMs: gauge('projection_lag_ms', 'Age of the oldest of them'),
  parked: gauge('parked_streams', 'Streams that cannot be applied'),
  fault: counter('projector_faults_total', 'Faults that were retried'),
});

export type ProjectorMetrics = ReturnType<typeof projectorMetrics>;
