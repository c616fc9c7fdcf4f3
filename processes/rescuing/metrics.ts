import type { Metrics } from '../../infra/metrics';

type RescueCause = 'redispatched' | 'expired' | 'timed-out' | 'executor-lost' | 'undeliverable';

/** `lost`: messages that are gone. `left`: messages of jobs that are gone. */
export type SearchName = 'overdue' | 'orphaned' | 'too-late' | 'lost' | 'left';

export const rescuerMetrics = ({ counter, gauge }: Metrics) => ({
  rescued: counter<[cause: RescueCause]>(
    'rescues_total',
    'What was brought back or given up, by cause',
    'cause',
  ),
  waiting: gauge(
    'messages_waiting_long',
    'Jobs whose messages wait in the broker for longer than they should: executors are slow or missing',
  ),
  removed: counter(
    'messages_removed_total',
    'Messages taken out of the broker, for their jobs were cancelled, moved, expired or done',
  ),
  fault: counter<[search: SearchName]>(
    'rescue_faults_total',
    'Jobs that could not be helped, an unreadable stream for one; each is tried again later and later, up to a minute, and holds up no other. Searches: `overdue`, `orphaned`, `too-late`, `lost`, `left`',
    'search',
  ),
  outage: counter<[search: SearchName]>(
    'rescue_outages_total',
    'Rounds that log, broker or database were away for',
    'search',
  ),
  putOff: gauge<[search: SearchName]>('rescues_put_off', 'Jobs that are put off so', 'search'),
});

export type RescuerMetrics = ReturnType<typeof rescuerMetrics>;
