import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../infra/clock';
import { queueDepths } from '../../../infra/nats/queue-depths';
import { heldBack } from '../../../infra/postgres/held-back';
import { toldBudgets } from '../../../infra/postgres/queue-budgets';
import { shardLeases } from '../../../infra/postgres/shard-leases';
import { dueJobs } from '../../../projections/queries/dispatching/due-jobs';
import { countLiveJobs } from '../../../projections/queries/dispatching/live-jobs';
import { countUnstartedJobs } from '../../../projections/queries/dispatching/unstarted-jobs';
import { dispatcher } from '../../dispatching/dispatcher';
import { dueHintOf } from '../../dispatching/due-hint';
import { defaultLimitsOf, shareLimits } from '../../dispatching/shares/share-limits';
import type { Process } from '../../runtime/process';
import { dispatcherMetrics } from '../../dispatching/metrics';
import type { Shared } from '../shared';
import { whileSameLog } from './while-same-log';

const draw = Math.random;

export const composeDispatcher = async (shared: Shared): Promise<Process> => {
  const { config, names, logger, metrics, attempts, eventLog, database, projected, nats } = shared;
  const told = dispatcherMetrics(metrics);
  const { broker, messages } = await nats();
  const make = (): Process =>
    dispatcher({
      holder: `dispatcher-${randomUUID()}`,
      commands: attempts(),
      dueJobs: dueJobs(database()),
      leases: shardLeases(database()),
      messages,
      depths: queueDepths(broker.connection, names.broker),
      limits: shareLimits({ events: eventLog(), defaults: defaultLimitsOf(config), draw, logger }),
      countUnstarted: (flows) => countUnstartedJobs(database(), flows),
      countLive: () => countLiveJobs(database()),
      heldBack: heldBack(database()),
      budgets: toldBudgets(database()),
      listenForHints: ({ onHint, onConnect }) => {
        const unsubscribe = projected().subscribe({
          onMessage: (payload) => {
            const hint = dueHintOf(payload);
            if (hint) onHint(hint);
          },
          onConnect,
        });
        return Promise.resolve(() => Promise.resolve(unsubscribe()));
      },
      clock: systemClock,
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('dispatcher'),
    });
  return whileSameLog(shared, 'dispatcher', make);
};
