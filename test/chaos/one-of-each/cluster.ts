import { httpUser, type HttpUser } from '../../support/http';
import { startCluster, type Cluster } from '../../support/cluster';
import { apiKeyOf } from '../../support/running-stack';

// the parts of one-of-each.test.ts share one cluster: a start of it takes 9 s of a core. This comes before all other hooks

let running: Cluster | undefined;

beforeAll(async () => {
  running = await startCluster({
    takesGiven: true,
    workers: [
      'projector',
      'planner',
      'bulk-changer',
      'dispatcher',
      'rescuer',
      'executor-gateway',
      'executor',
      'web',
    ],
    env: {
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      HEARTBEAT_MS: '500',
      // longer than it takes to replay all that was lost on a busy machine: what runs meanwhile runs once
      EXECUTOR_SILENT_MS: '15000',
      START_TIMEOUT_MS: '2000',
      RESCUE_PERIOD_MS: '500',
      // slow enough to be met in the middle of it
      OPERATION_RATE: '400',
    },
  });
});

/** After all other hooks. Whatever they have been through, each process stops cleanly on SIGTERM. */
export const stopCluster = async (): Promise<void> => {
  expect(await running?.stop()).toEqual([]);
};

/** @throws Error before the tests of the file have begun */
export const cluster = (): Cluster => {
  if (!running) throw new Error('the cluster is not up');
  return running;
};

export const userOf = (principal: string): HttpUser =>
  httpUser(cluster().httpUrl, apiKeyOf(principal));
