import type { Metrics } from '../../infra/metrics';

export const gatewayMetrics = ({ counter }: Metrics) => ({
  claim: counter<[code: string]>(
    'claims_total',
    'Claims answered; code is `granted` or why not',
    'code',
  ),
  report: counter<[status: string, code: string]>(
    'reports_total',
    'Reports answered; code is `accepted` or why not',
    'status',
    'code',
  ),
  unforeseen: counter<[subject: string]>(
    'unforeseen_requests_total',
    'Requests of executors refused because something went wrong that nobody had thought of; the log says what',
    'subject',
  ),
  lostGrant: counter(
    'lost_grants_total',
    'Attempts given up because their executor never learned of its grant',
  ),
});

export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;
