import { systemClock } from '../../../infra/clock';
import { exclusively } from '../../../infra/postgres/advisory-lock';
import { seenTimeStore } from '../../../infra/postgres/seen-time';
import { queuedJobs } from '../../../projections/queries/rescuing/queued-jobs';
import { unfinishedJobs } from '../../../projections/queries/rescuing/unfinished-jobs';
import { unservedQueues } from '../../../projections/queries/rescuing/unserved-queues';
import type { Process } from '../../runtime/process';
import { queueWatchMetrics } from '../../dispatching/metrics';
import { queueWatch } from '../../dispatching/queue-watch';
import { rescuerMetrics } from '../../rescuing/metrics';
import { rescuer } from '../../rescuing/rescuer';
import type { Shared } from '../shared';
import { whileSameLog } from './while-same-log';

const draw = Math.random;

export const composeRescuer = async (shared: Shared): Promise<Process> => {
  const { config, logger, metrics, attempts, database, nats } = shared;
  const options = { url: config.POSTGRES_URL, applicationName: 'punctual-rescuer' };
  const watch = queueWatch({
    queues: unservedQueues(database()),
    exclusively: exclusively(options, 'queue-watch'),
    draw,
    logger,
    metrics: queueWatchMetrics(metrics),
    settings: { unservedMs: config.UNSERVED_QUEUE_MS },
  });
  const { messages, stock } = await nats();
  const told = rescuerMetrics(metrics);
  const make = (): Process =>
    rescuer({
      commands: attempts(),
      messages,
      stock,
      unfinished: unfinishedJobs(database()),
      queued: queuedJobs(database()),
      seenTime: seenTimeStore(database()),
      exclusively: exclusively(options, 'rescuer'),
      clock: systemClock,
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('rescuer'),
      settings: {
        everyMs: config.RESCUE_PERIOD_MS,
        startTimeoutMs: config.START_TIMEOUT_MS,
        silentMs: config.EXECUTOR_SILENT_MS,
      },
    });
  const rescue = whileSameLog(shared, 'rescuer', make);
  return {
    name: rescue.name,
    run: async (signal) => {
      await Promise.all([rescue.run(signal), watch.run(signal)]);
    },
  };
};
