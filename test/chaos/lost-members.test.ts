import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { allProcesses, startCluster, type Cluster } from '../support/cluster';
import { httpUser, type HttpUser } from '../support/http';
import { breachesOf, readJobStreams } from '../support/log-checker';
import { startNatsCluster, type NatsCluster } from '../support/nats-cluster';
import { replicatedPostgres, type ReplicatedPostgres } from '../support/replicated-postgres';
import { startRunLedger, type RunLedger } from '../support/run-ledger';
import { apiKeyOf } from '../support/running-stack';
import { until } from '../support/until';

// the main job on a broker of three servers of which one, then two, are lost, and on two Postgres servers of which one
// is lost: all that was accepted runs, no attempt twice, in one program that nobody starts again

let broker: NatsCluster;
let postgres: ReplicatedPostgres;
let cluster: Cluster;
let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  [ledger, broker, postgres] = await Promise.all([
    startRunLedger(0),
    startNatsCluster(),
    replicatedPostgres(),
  ]);
  cluster = await startCluster({
    workers: ['web'],
    brokerPorts: broker.servers.map(({ port }) => port),
    env: {
      ...allProcesses,
      POSTGRES_URL: postgres.url,
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      START_TIMEOUT_MS: '3000',
      RESCUE_PERIOD_MS: '500',
    },
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
});

afterAll(async () => {
  await cluster.stop();
  await Promise.all([broker.dispose(), postgres.dispose()]);
  await ledger.close();
});

/** Schedules a job each 200 ms that is due at once. */
const trickle = async (forMs: number): Promise<readonly string[]> => {
  const asked: Promise<string>[] = [];
  for (const endMs = Date.now() + forMs; Date.now() < endMs; await sleep(200))
    asked.push(ada.schedule(Date.now(), { location: ledger.location }));
  return await Promise.all(asked);
};

const expectAllRun = async (jobIds: readonly string[]): Promise<void> => {
  await ada.untilAll(jobIds, 'succeeded');
  const streams = await readJobStreams(cluster.eventstoreUrl);
  const last = jobIds.map((jobId) => streams.get(jobId)?.at(-1)?.type);
  expect(last).toEqual(jobIds.map(() => 'JobSucceeded'));
  expect(jobIds.flatMap((jobId) => breachesOf(jobId, streams.get(jobId) ?? []))).toEqual([]);
  const runs = ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));
  expect(new Set(runs).size).toBe(runs.length);
};

test('the leader of the stream of due jobs is killed for good, then a second one comes and goes', async () => {
  const before = await trickle(1_000);
  const leader = await broker.leaderOf('JOBS_DUE');
  await leader.kill();
  const during = await trickle(4_000);
  await expectAllRun([...before, ...during]);

  // two of three are gone: nothing is stored anywhere, and nothing that was accepted is lost
  const next = await broker.leaderOf('JOBS_DUE');
  await next.kill();
  const without = await trickle(4_000);
  await next.start();
  const after = await trickle(1_000);
  await expectAllRun([...without, ...after]);
}, 300_000);

describe('the primary of Postgres is killed for good', () => {
  const promote = async (): Promise<void> => {
    const client = new Client({ connectionString: postgres.standby.url });
    await client.connect();
    await client.query('select pg_promote()');
    await client.end();
  };
  const isReady = async (): Promise<boolean> => (await ada.get('/readyz')).status === 200;
  const scheduleEvery = async (everyMs: number, count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let n = 1; n <= count; n++)
      ids.push(await ada.schedule(Date.now() + n * everyMs, { location: ledger.location }));
    return ids;
  };

  test('jobs from before, during and after a failover all run', async () => {
    const before = await scheduleEvery(300, 20);
    await postgres.killPrimary();
    await until(async () => !(await isReady()), { what: 'it is not ready' });
    const during = await scheduleEvery(300, 10);
    await promote();
    await until(isReady, { what: 'it is ready again' });
    const after = await scheduleEvery(100, 5);
    const all = [...before, ...during, ...after];
    await expectAllRun(all);
  });
});
