import type { Metrics } from '../../infra/metrics';

export const webMetrics = ({ gauge, histogram }: Metrics) => ({
  requestMs: histogram<[method: string, route: string, status: string]>(
    'http_request_ms',
    'Time from request to answer',
    'method',
    'route',
    'status',
  ),
  lagEvents: gauge(
    'read_model_lag_events',
    'Events of the log that the read model has not applied, about, as the log says each second',
  ),
  lagMs: gauge('read_model_lag_ms', 'Age of the oldest of them'),
});
