import { randomUUID } from 'node:crypto';
import { executorBeats } from '../../../infra/postgres/executor-beats';
import { toldStarts } from '../../../infra/postgres/queue-starts';
import { executorRuns } from '../../../projections/queries/rescuing/executor-runs';
import { gatewayMetrics } from '../../gateway/metrics';
import { executorGateway } from '../../gateway/executor-gateway';
import type { Process } from '../../runtime/process';
import type { Shared } from '../shared';
import { whileSameLog } from './while-same-log';

const draw = Math.random;

export const composeGateway = async (shared: Shared): Promise<Process> => {
  const { names, logger, metrics, attempts, database, nats } = shared;
  const { requests } = await nats();
  const told = gatewayMetrics(metrics);
  const make = (): Process =>
    executorGateway({
      gatewayId: randomUUID(),
      commands: attempts(),
      requests,
      subjects: names.broker.executor,
      beats: executorBeats(database()),
      starts: toldStarts(database()),
      runs: executorRuns(database()),
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('executor-gateway'),
    });
  return whileSameLog(shared, 'executor-gateway', make);
};
