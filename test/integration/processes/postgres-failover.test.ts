import { systemTimers } from '../../../processes/runtime/timers';
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { isReady } from '../../../api/routes/operations';
import { jobStream } from '../../../domain/ids';
import { toTimestamp } from '../../../domain/time';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { openDatabase } from '../../../infra/postgres/database';
import { listenTo, type Listener } from '../../../infra/postgres/listen';
import { migrate } from '../../../infra/postgres/migrate';
import { writeSessions } from '../../../infra/postgres/write-session';
import { projector } from '../../../processes/projecting/projector';
import { canRead, readinessOf, takesWrites } from '../../../processes/health/readiness';
import { migrations } from '../../../projections/migrations/migrations';
import { freshness } from '../../../projections/queries/freshness';
import { jobQueries } from '../../../projections/queries/jobs';
import { trialWrite } from '../../../projections/queries/operating/trial-write';
import { readModel } from '../../../projections/projections';
import { testJobId } from '../../support/job-histories';
import { EPOCH, scheduled } from '../../support/jobs';
import { silentLogger, silentProjectorMetrics } from '../../support/processes';
import { replicatedPostgres, type ReplicatedPostgres } from '../../support/replicated-postgres';
import { until } from '../../support/until';
import { query } from '../infra/postgres/server';

let servers: ReplicatedPostgres;
let db: Knex;
let listener: Listener;
let running: Promise<void>;
const stopping = new AbortController();
const { log, feed, eventAt } = memoryEventLog();

beforeAll(async () => {
  servers = await replicatedPostgres();
  const { url } = servers;
  await migrate(url, migrations);
  db = openDatabase({ url, applicationName: 'failover', poolSize: 3 });
  listener = listenTo({ url, applicationName: 'failover-listen', channel: 'projected' });
  running = projector({
    projection: readModel,
    feed,
    eventLog: log,
    eventAt,
    openSession: writeSessions(url),
    clock: { now: () => Date.now() },
    draw: Math.random,
    logger: silentLogger,
    metrics: silentProjectorMetrics,
  }).run(stopping.signal);
});

afterAll(async () => {
  stopping.abort();
  await running;
  await listener.stop();
  await db.destroy();
  await servers.dispose();
});

const schedule = async (n: number): Promise<void> => {
  const metadata = {
    $correlationId: 'c',
    $causationId: 'c',
    commandId: 'c',
    actor: { kind: 'user', id: 'ada' } as const,
    at: toTimestamp(EPOCH),
    schemaVersion: 1,
  };
  await log.append(
    jobStream(testJobId(n)),
    [{ id: randomUUID(), ...scheduled({ ownerId: 'ada' }), metadata }],
    'no-stream',
  );
};

const isProjected = (n: number) => async (): Promise<boolean> =>
  (
    await jobQueries(db)
      .one(testJobId(n))
      .catch(() => undefined)
  )?.status === 'scheduled';

const readiness = async () =>
  await readinessOf([
    canRead(freshness(db, listener.subscribe, systemTimers.after)),
    takesWrites(trialWrite(db)),
  ])();

const becomesReady = (isIt: boolean) => async (): Promise<boolean> =>
  isReady(await readiness()) === isIt;

const told = async (): Promise<unknown> =>
  (await readiness()).conditions.find(({ name }) => name === 'read-model-writes');

test('of two hosts the one that takes writes is found, in whatever order they stand', async () => {
  await schedule(1);
  await until(isProjected(1), { what: 'the job is projected' });
  const { rows } = await db.raw<{ rows: { port: number }[] }>('select inet_server_port() as port');
  expect(rows).toEqual([{ port: servers.primary.port }]);
  expect(await becomesReady(true)()).toBe(true);
});

test('a server that is set to read-only says so on /readyz, for lists grow old, and all goes on when it is set back', async () => {
  const { url } = servers.primary;
  const admin = `${url}?options=${encodeURIComponent('-c default_transaction_read_only=off')}`;
  const set = async (value: string): Promise<void> => {
    await query(admin, `alter system set default_transaction_read_only = ${value}`);
    await query(admin, 'select pg_reload_conf()');
  };
  await set('on');
  await until(becomesReady(false), { what: 'it is not ready' });
  expect(await told()).toMatchObject({
    status: 'fail',
    detail: { reason: expect.stringContaining('takes no writes') as string },
  });
  await schedule(2);
  await set('off');
  await until(becomesReady(true), { what: 'it is ready' });
  await until(isProjected(2), { what: 'the projector has gone on' });
});

test('when the primary is gone for good, all processes find the other server as soon as it is promoted', async () => {
  await servers.killPrimary();
  await until(becomesReady(false), { what: 'it is not ready' });
  await schedule(3);
  await query(servers.standby.url, 'select pg_promote()');
  await until(becomesReady(true), { what: 'it is ready' });
  await until(isProjected(3), { what: 'the projector has gone on' });
  await until(() => listener.isConnected(), { what: 'it listens' });
  const { rows } = await db.raw<{ rows: { port: number }[] }>('select inet_server_port() as port');
  expect(rows).toEqual([{ port: servers.standby.port }]);
});
