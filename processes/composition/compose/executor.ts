import { dueQueue } from '../../../infra/nats/due-queue';
import { executorMetrics } from '../../executing/metrics';
import { executor } from '../../executing/executor';
import { linesTogether, printHandler } from '../../executing/handlers/print';
import { webhookHandler } from '../../executing/handlers/webhook';
import type { Process } from '../../runtime/process';
import type { Shared } from '../shared';

const draw = Math.random;

export const composeExecutor = async ({
  config,
  names,
  logger,
  metrics,
  nats,
  vitals,
}: Shared): Promise<Process> => {
  const { broker, requests, ensureStream } = await nats();
  const { WEBHOOK_SECRET, ALLOW_PRIVATE_TARGETS, EXECUTOR_QUEUE, EXECUTOR_CONCURRENCY } = config;
  const webhook =
    WEBHOOK_SECRET === undefined
      ? undefined
      : webhookHandler({ secret: WEBHOOK_SECRET, allowPrivateTargets: ALLOW_PRIVATE_TARGETS });
  return executor({
    queueName: EXECUTOR_QUEUE,
    queue: dueQueue({ broker, names: names.broker, queue: EXECUTOR_QUEUE, ensureStream }),
    ask: requests.ask,
    subjects: names.broker.executor,
    maxMessageBytes: requests.maxMessageBytes,
    handlers: {
      print: printHandler(
        linesTogether((text) => {
          process.stdout.write(text);
        }),
      ),
      ...(webhook && { https: webhook, http: webhook }),
    },
    idPrefix: 'reference',
    draw,
    logger,
    metrics: executorMetrics(metrics),
    vitals: vitals('executor'),
    settings: { concurrency: EXECUTOR_CONCURRENCY, heartbeatEveryMs: config.HEARTBEAT_MS },
  });
};
