import type { HeldBackReason } from '../../domain/shares/held-back';
import type { Metrics } from '../../infra/metrics';

/** Lateness is told by the process clock. */
export const dispatcherMetrics = ({ counter, gauge, histogram }: Metrics) => ({
  appended: histogram(
    'dispatch_append_lateness_ms',
    'From the due time to the recorded JobDispatched',
  ),
  published: histogram(
    'dispatch_publish_lateness_ms',
    'From the due time to the acknowledged JobDue',
  ),
  notDispatched: counter<[outcome: 'stale' | 'expired' | 'undeliverable']>(
    'dispatch_outcomes_total',
    'Dispatches that did not happen: `stale`, for a change or another dispatcher had won the race, `expired`, or `undeliverable`, for the broker will never take the message: the attempt has ended with that reason',
    'outcome',
  ),
  failedTry: counter<[step: 'append' | 'publish']>(
    'dispatch_failed_tries_total',
    'Appends and publishes that were tried again',
    'step',
  ),
  shards: gauge('dispatch_shards', 'Shards held, of 256 in all'),
  waiting: gauge('dispatch_rows_waiting', 'Rows in memory'),
  inFlight: gauge('dispatches_in_flight', 'Dispatches under way'),
  heldBack: gauge<[reason: HeldBackReason]>(
    'dispatch_held_back',
    'Queues, and owners within one, that wait though jobs of theirs are due, by reason: `queue-full`, `queue-rate`, `queue-running`, `owner-running`, `owner-turn`',
    'reason',
  ),
});

export type DispatcherMetrics = ReturnType<typeof dispatcherMetrics>;

/** Names of queues come from outside: as many series at most. */
export const MAX_QUEUES_NAMED = 20;

export const queueWatchMetrics = ({ gauge, gaugeOfAll }: Metrics) => ({
  unserved: gauge(
    'unserved_queues',
    'Queues with waiting jobs and without executors for a minute (UNSERVED_QUEUE_MS)',
  ),
  unservedJobs: gaugeOfAll(
    'unserved_queue_jobs',
    `Dispatched jobs in each of them; of the ${MAX_QUEUES_NAMED} that wait longest`,
    'queue',
  ),
});

export type QueueWatchMetrics = ReturnType<typeof queueWatchMetrics>;
