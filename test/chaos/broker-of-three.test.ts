import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Cluster } from '../support/cluster';
import { httpUser, type HttpUser } from '../support/http';
import { breachesOf, readJobStreams } from '../support/log-checker';
import { startNatsCluster, type NatsCluster } from '../support/nats-cluster';
import { startRunLedger, type RunLedger } from '../support/run-ledger';
import { apiKeyOf } from '../support/running-stack';
import { until } from '../support/until';

// the main job on a broker of three servers of which one, then two, are lost: all that was accepted runs, no attempt twice

let broker: NatsCluster;
let cluster: Cluster;
let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  [ledger, broker] = await Promise.all([startRunLedger(0), startNatsCluster()]);
  cluster = await startCluster({
    workers: ['projector', 'dispatcher', 'rescuer', 'executor-gateway', 'executor', 'web'],
    env: {
      NATS_URL: broker.url,
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      START_TIMEOUT_MS: '3000',
      RESCUE_PERIOD_MS: '500',
    },
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
}, 240_000);

afterAll(async () => {
  await cluster.stop();
  await broker.dispose();
  await ledger.close();
}, 60_000);

/** Schedules a job each 100 ms that is due at once. */
const trickle = async (forMs: number): Promise<readonly string[]> => {
  const asked: Promise<string>[] = [];
  for (const endMs = Date.now() + forMs; Date.now() < endMs; await sleep(100))
    asked.push(ada.schedule(Date.now(), { location: ledger.location }));
  return await Promise.all(asked);
};

const expectAllRun = async (jobIds: readonly string[]): Promise<void> => {
  const haveEnded = async (): Promise<boolean> => {
    const streams = await readJobStreams(cluster.eventstoreUrl);
    return jobIds.every((jobId) => streams.get(jobId)?.at(-1)?.type === 'JobSucceeded');
  };
  await until(haveEnded, { timeoutMs: 90_000, what: 'all jobs have succeeded' });
  const streams = await readJobStreams(cluster.eventstoreUrl);
  expect(jobIds.flatMap((jobId) => breachesOf(jobId, streams.get(jobId) ?? []))).toEqual([]);
  const runs = ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));
  expect(new Set(runs).size).toBe(runs.length);
};

test('the leader of the stream of due jobs is killed for good, then a second one comes and goes', async () => {
  const before = await trickle(2_000);
  const leader = await broker.leaderOf('JOBS_DUE');
  await leader.kill();
  const during = await trickle(4_000);
  await expectAllRun([...before, ...during]);

  // two of three are gone: nothing is stored anywhere, and nothing that was accepted is lost
  const next = await broker.leaderOf('JOBS_DUE');
  await next.kill();
  const without = await trickle(4_000);
  await next.start();
  const after = await trickle(2_000);
  await expectAllRun([...without, ...after]);
}, 300_000);
