import { Client } from 'pg';
import { httpUser, type HttpUser } from '../support/http';
import { replicatedPostgres, type ReplicatedPostgres } from '../support/replicated-postgres';
import { startRunningStack, type RunningStack } from '../support/running-stack';
import { until } from '../support/until';

// the main job on two Postgres servers of which one is lost for good

let servers: ReplicatedPostgres;
let stack: RunningStack;
let ada: HttpUser;

beforeAll(async () => {
  servers = await replicatedPostgres();
  stack = await startRunningStack({ env: { POSTGRES_URL: servers.url } });
  ada = httpUser(stack.httpUrl, stack.keyOf('ada'));
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await servers.dispose();
});

const promote = async (): Promise<void> => {
  const client = new Client({ connectionString: servers.standby.url });
  await client.connect();
  await client.query('select pg_promote()');
  await client.end();
};

const isReady = async (): Promise<boolean> => (await ada.get('/readyz')).status === 200;

const scheduleEvery = async (everyMs: number, count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) ids.push(await ada.schedule(Date.now() + n * everyMs));
  return ids;
};

test('jobs from before, during and after a failover all run, and no process is started again for it', async () => {
  const pids = (await stack.endpoints()).pids;
  const before = await scheduleEvery(300, 20);
  await servers.killPrimary();
  await until(async () => !(await isReady()), { what: 'it is not ready' });
  const during = await scheduleEvery(300, 10);
  await promote();
  await until(isReady, { timeoutMs: 30_000, what: 'it is ready again' });
  const after = await scheduleEvery(100, 5);
  for (const id of [...before, ...during, ...after]) await ada.untilStatus(id, 'succeeded');
  expect((await stack.endpoints()).pids).toEqual(pids);
}, 120_000);
