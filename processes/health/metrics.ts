import type { Metrics } from '../../infra/metrics';
import type { ServerName } from './vitals';

export const healthMetrics = ({ gauge }: Metrics) => ({
  waits: gauge<[process: string, server: ServerName]>(
    'process_waits',
    '1 while the process waits for `event-store`, `read-model` or `broker`; the log and `/readyz` say why',
    'process',
    'server',
  ),
  clockSkewMs: gauge<[server: ServerName]>(
    'clock_skew_ms',
    'By how much the clock of a server is ahead of that of this program, at least; what the way of the answer explains is left out. A broker before 2.10 tells no time',
    'server',
  ),
});

export type HealthMetrics = ReturnType<typeof healthMetrics>;
