import { httpUser, type HttpUser } from '../../support/http';
import { startCluster, type Cluster, type WorkerName } from '../../support/cluster';
import { startNatsCluster, type NatsCluster } from '../../support/nats-cluster';
import { isLong } from '../../support/rounds';
import { apiKeyOf } from '../../support/running-stack';

// the parts of two-of-each.test.ts share one cluster: a start of it takes 14 s of a core. This comes before all other hooks

export const kinds = [
  'projector',
  'dispatcher',
  'rescuer',
  'executor-gateway',
  'executor',
] as const;
/** Those that are in nobody's way: the gate does without them, for a start takes 1.5 s of a core. */
export const apart = ['planner', 'notifier', 'bulk-changer', 'archivist'] as const;
/** All that run; in the long rounds four executors. */
export const workers: readonly WorkerName[] = [
  ...kinds,
  ...kinds.map((kind): WorkerName => `${kind}#2`),
  'web',
  ...(isLong ? ([...apart, 'executor#3', 'executor#4'] as const) : []),
];
/** Whose connections to the broker can be cut off without a word. */
export const cutOff: readonly WorkerName[] = ['executor', 'executor-gateway', 'dispatcher'];
/** Who lives is heard within it on a machine at work. */
export const SILENT_MS = 9_000;

let running: Cluster | undefined;
let broker: NatsCluster | undefined;

beforeAll(async () => {
  // of one server in the gate: what a cluster adds is in lost-members.test.ts
  broker = isLong ? await startNatsCluster({ advertises: false }) : undefined;
  running = await startCluster({
    ...(broker && { brokerPorts: broker.servers.map(({ port }) => port) }),
    workers,
    env: {
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      EXECUTOR_CONCURRENCY: '20',
      HEARTBEAT_MS: '500',
      EXECUTOR_SILENT_MS: String(SILENT_MS),
      START_TIMEOUT_MS: '3000',
      RESCUE_PERIOD_MS: '500',
    },
    proxied: true,
    behindProxy: cutOff,
  });
});

/** After all other hooks. */
export const stopCluster = async (): Promise<void> => {
  await running?.stop();
  await broker?.dispose();
};

/** @throws Error before the tests of the file have begun */
export const cluster = (): Cluster => {
  if (!running) throw new Error('the cluster is not up');
  return running;
};

export const userOf = (principal: string): HttpUser =>
  httpUser(cluster().httpUrl, apiKeyOf(principal));
