import type { Metrics } from '../../infra/metrics';

export const archivistMetrics = ({ counter, gauge, histogram }: Metrics) => ({
  events: counter('archived_events_total', 'Events read'),
  roundMs: histogram('archive_round_ms', 'Time of one round'),
  lagMs: gauge(
    'archive_lag_ms',
    'Since the last round that ended well had begun: some seconds, more while rounds fail or the processor is full',
  ),
  searchLagMs: gauge(
    'search_lag_ms',
    'Since the index that lists are searched by had all that there was; what it lacks, searches read from the jobs',
  ),
  fault: counter('archivist_faults_total', 'Faults that were retried'),
  sealedBlocks: counter('sealed_blocks_total', 'Blocks sealed'),
  sealedEvents: counter('sealed_events_total', 'Events in them'),
});

export type ArchivistMetrics = ReturnType<typeof archivistMetrics>;
