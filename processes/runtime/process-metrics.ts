import type { Answered } from '../../api/exchange';
import type { Metrics } from '../../infra/metrics';
import type { Lag } from '../../projections/queries/lag';
import type { ArchivistMetrics } from '../archiving/archivist';
import type { SealerMetrics } from '../archiving/sealer';
import type { DispatcherMetrics } from '../dispatching/dispatcher';
import type { ExecutorMetrics } from '../executing/slots';
import type { AttemptMetrics } from '../gateway/attempt-requests';
import type { ProjectorMetrics } from '../projecting/projector';
import type { QueueWatchMetrics } from '../dispatching/queue-watch';
import type { RescuerMetrics } from '../rescuing/settings';
import type { ServerName } from '../health/vitals';

/** What each process counts, under the names that docs/operations.md lists. */

export const projectorMetrics = (metrics: Metrics): ProjectorMetrics => {
  const events = metrics.counter({ name: 'projected_events_total', help: 'Events applied' });
  const batchMs = metrics.histogram({ name: 'projection_batch_ms', help: 'Time of one batch' });
  const lagEvents = metrics.gauge({
    name: 'projection_lag_events',
    help: 'Events that have arrived and are not applied',
  });
  const lagMs = metrics.gauge({ name: 'projection_lag_ms', help: 'Age of the oldest of them' });
  const parked = metrics.gauge({ name: 'parked_streams', help: 'Streams that cannot be applied' });
  const faults = metrics.counter({
    name: 'projector_faults_total',
    help: 'Faults that were retried',
  });
  return {
    batch: (count, durationMs) => {
      events({}, count);
      batchMs({}, durationMs);
    },
    lag: (count, ageMs) => {
      lagEvents({}, count);
      lagMs({}, ageMs);
    },
    parked: (streams) => {
      parked({}, streams);
    },
    fault: () => {
      faults({});
    },
  };
};

export const dispatcherMetrics = (metrics: Metrics): DispatcherMetrics => {
  const appendMs = metrics.histogram({
    name: 'dispatch_append_lateness_ms',
    help: 'From the due time to the recorded JobDispatched',
  });
  const publishMs = metrics.histogram({
    name: 'dispatch_publish_lateness_ms',
    help: 'From the due time to the acknowledged JobDue',
  });
  const outcomes = metrics.counter({
    name: 'dispatch_outcomes_total',
    help: 'Dispatches that did not happen, by reason: stale, expired or undeliverable',
    labels: ['outcome'],
  });
  const failedTries = metrics.counter({
    name: 'dispatch_failed_tries_total',
    help: 'Appends and publishes that were tried again',
    labels: ['step'],
  });
  const slots = metrics.gauge({ name: 'dispatch_slots', help: 'Slots held, of 256 in all' });
  const waiting = metrics.gauge({ name: 'dispatch_rows_waiting', help: 'Rows in memory' });
  const inFlight = metrics.gauge({ name: 'dispatches_in_flight', help: 'Dispatches under way' });
  const heldBack = metrics.gauge({
    name: 'dispatch_held_back',
    help: 'Queues, and owners within one, that wait though jobs of theirs are due, by reason',
    labels: ['reason'],
  });
  const reasons = new Set<string>();
  return {
    appended: (latenessMs) => {
      appendMs({}, latenessMs);
    },
    published: (latenessMs) => {
      publishMs({}, latenessMs);
    },
    undeliverable: () => {
      outcomes({ outcome: 'undeliverable' });
    },
    stale: () => {
      outcomes({ outcome: 'stale' });
    },
    expired: () => {
      outcomes({ outcome: 'expired' });
    },
    failedTry: (step) => {
      failedTries({ step });
    },
    slots: (held) => {
      slots({}, held);
    },
    load: (rows, underWay) => {
      waiting({}, rows);
      inFlight({}, underWay);
    },
    held: (byReason) => {
      for (const reason of byReason.keys()) reasons.add(reason);
      for (const reason of reasons) heldBack({ reason }, byReason.get(reason) ?? 0);
    },
  };
};

export const gatewayMetrics = (metrics: Metrics): AttemptMetrics => {
  const claims = metrics.counter({
    name: 'claims_total',
    help: 'Claims answered; code is granted or why not',
    labels: ['code'],
  });
  const reports = metrics.counter({
    name: 'reports_total',
    help: 'Reports answered; code is accepted or why not',
    labels: ['status', 'code'],
  });
  const unforeseen = metrics.counter({
    name: 'unforeseen_requests_total',
    help: 'Requests of executors refused because something unforeseen went wrong; the log says what',
    labels: ['subject'],
  });
  const lostGrants = metrics.counter({
    name: 'lost_grants_total',
    help: 'Attempts given up because their executor never learned of its grant',
  });
  return {
    unforeseen: (subject) => {
      unforeseen({ subject });
    },
    lostGrant: () => {
      lostGrants({});
    },
    claim: (code = 'granted') => {
      claims({ code });
    },
    report: (status, code = 'accepted') => {
      reports({ status, code });
    },
  };
};

export const executorMetrics = (metrics: Metrics): ExecutorMetrics => {
  const claimed = metrics.counter({
    name: 'executor_claims_total',
    help: 'Claims of this executor; code is granted or why not',
    labels: ['code'],
  });
  const reported = metrics.counter({
    name: 'executor_reports_total',
    help: 'Reports of this executor; code is accepted, lost or why not',
    labels: ['status', 'code'],
  });
  const dropped = metrics.counter({
    name: 'executor_dropped_messages_total',
    help: 'Messages that led to no claim: duplicate or poison',
    labels: ['reason'],
  });
  const putOff = metrics.counter({
    name: 'executor_put_off_messages_total',
    help: 'Messages given back for a while, for their owner or target had no slot left',
  });
  const running = metrics.gauge({ name: 'executor_running_jobs', help: 'Jobs running here' });
  return {
    claimed: (code = 'granted') => {
      claimed({ code });
    },
    reported: (status, code = 'accepted') => {
      reported({ status, code });
    },
    duplicate: () => {
      dropped({ reason: 'duplicate' });
    },
    poison: () => {
      dropped({ reason: 'poison' });
    },
    putOff: () => {
      putOff({});
    },
    running: (jobs) => {
      running({}, jobs);
    },
  };
};

export const rescuerMetrics = (metrics: Metrics): RescuerMetrics => {
  const rescued = metrics.counter({
    name: 'rescues_total',
    help: 'What was brought back or given up, by cause',
    labels: ['cause'],
  });
  const waiting = metrics.gauge({
    name: 'messages_waiting_long',
    help: 'Jobs whose messages wait in the broker for longer than they should',
  });
  const removed = metrics.counter({
    name: 'messages_removed_total',
    help: 'Messages taken out of the broker, for their jobs were cancelled, moved, expired or done',
  });
  const faults = metrics.counter({
    name: 'rescue_faults_total',
    help: 'Jobs that could not be helped, by search; each is put off',
    labels: ['search'],
  });
  const outages = metrics.counter({
    name: 'rescue_outages_total',
    help: 'Rounds that log, broker or database were away for, by search',
    labels: ['search'],
  });
  const putOff = metrics.gauge({
    name: 'rescues_put_off',
    help: 'Jobs that are put off, by search',
    labels: ['search'],
  });
  return {
    rescued: (cause) => {
      rescued({ cause });
    },
    waiting: (jobs) => {
      waiting({}, jobs);
    },
    removed: () => {
      removed({});
    },
    fault: (search) => {
      faults({ search });
    },
    outage: (search) => {
      outages({ search });
    },
    putOff: (search, jobs) => {
      putOff({ search }, jobs);
    },
  };
};

/** Names of queues come from outside: as many series at most. */
const QUEUES_NAMED = 20;

export const queueWatchMetrics = (metrics: Metrics): QueueWatchMetrics => {
  const unserved = metrics.gauge({
    name: 'unserved_queues',
    help: 'Queues with waiting jobs and without executors for a minute (UNSERVED_QUEUE_MS)',
  });
  const jobs = metrics.gaugeOfAll({
    name: 'unserved_queue_jobs',
    help: `Dispatched jobs in each of them; of the ${QUEUES_NAMED} that wait longest`,
    labels: ['queue'],
  });
  return {
    unserved: (queues) => {
      unserved({}, queues.length);
      jobs(
        queues
          .slice(0, QUEUES_NAMED)
          .map(({ queue, jobs: value }) => ({ labels: { queue }, value })),
      );
    },
  };
};

export const httpMetrics = (metrics: Metrics): ((answered: Answered) => void) => {
  const durationMs = metrics.histogram({
    name: 'http_request_ms',
    help: 'Time from request to answer',
    labels: ['method', 'route', 'status'],
  });
  return ({ method, route, status, durationMs: took }) => {
    durationMs({ method, route, status: String(status) }, took);
  };
};

/** Of each server, how far its clock is from ours. */
export const clockMetrics = (metrics: Metrics): ((server: ServerName, skewMs: number) => void) => {
  const skew = metrics.gauge({
    name: 'clock_skew_ms',
    help: 'By how much the clock of a server is ahead of that of this program, at least',
    labels: ['server'],
  });
  return (server, skewMs) => {
    skew({ server }, skewMs);
  };
};

/** Of each process, which servers it waits for. */
export const waitMetrics = (
  metrics: Metrics,
): ((process: string) => (server: ServerName, waits: 0 | 1) => void) => {
  const waiting = metrics.gauge({
    name: 'process_waits',
    help: '1 while a process waits for a server; the log and /readyz say why',
    labels: ['process', 'server'],
  });
  return (process) => (server, waits) => {
    waiting({ process, server }, waits);
  };
};

export const readModelMetrics = (metrics: Metrics): { readonly lag: (lag: Lag) => void } => {
  const events = metrics.gauge({
    name: 'read_model_lag_events',
    help: 'Events of the log that the read model has not applied, as the log says',
  });
  const lagMs = metrics.gauge({ name: 'read_model_lag_ms', help: 'Age of the oldest of them' });
  return {
    lag: (lag) => {
      events({}, lag.events);
      lagMs({}, lag.ms);
    },
  };
};

export const archivistMetrics = (metrics: Metrics): ArchivistMetrics => {
  const events = metrics.counter({ name: 'archived_events_total', help: 'Events read' });
  const roundMs = metrics.histogram({ name: 'archive_round_ms', help: 'Time of one round' });
  const lagMs = metrics.gauge({
    name: 'archive_lag_ms',
    help: 'Since the last round that ended well began',
  });
  const faults = metrics.counter({
    name: 'archivist_faults_total',
    help: 'Faults that were retried',
  });
  return {
    round: (count, durationMs) => {
      events({}, count);
      roundMs({}, durationMs);
    },
    lag: (ageMs) => {
      lagMs({}, ageMs);
    },
    fault: () => {
      faults({});
    },
  };
};

export const sealerMetrics = (metrics: Metrics): SealerMetrics => {
  const blocks = metrics.counter({ name: 'sealed_blocks_total', help: 'Blocks sealed' });
  const events = metrics.counter({ name: 'sealed_events_total', help: 'Events in them' });
  return {
    sealed: (count) => {
      blocks({});
      events({}, count);
    },
  };
};
