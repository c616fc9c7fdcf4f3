import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../../cli/migrate';
import { postgresChecks } from '../../../infra/postgres/checks';
import { openDatabase } from '../../../infra/postgres/database';
import { migrate as migrateSchema } from '../../../infra/postgres/migrate';
import { writeSessions } from '../../../infra/postgres/write-session';
import { partitionsAhead, readinessOf } from '../../../processes/health/readiness';
import { migrations } from '../../../projections/migrations/migrations';
import { announceProjected } from '../../../projections/writing/projected';
import {
  projectionWriter,
  type ProjectionWriter,
} from '../../../projections/writing/projection-writer';
import { jobQueries } from '../../../projections/queries/jobs';
import { missingPartitions } from '../../../projections/queries/operating/partitions-ahead';
import { readModel } from '../../../projections/projections';
import { searchIndex } from '../../../projections/search/search-index';
import { recorded, testJobId } from '../../support/job-histories';
import { scheduled } from '../../support/jobs';
import { asRole } from '../../support/postgres-role';
import { runVerbHere } from '../../support/run-verb';
import { ownPostgres, query, type OwnPostgres } from '../infra/postgres/server';

let server: OwnPostgres;
let ownerUrl: string;
let appUrl: string;
const opened: (() => Promise<void>)[] = [];

/** The statements of docs/operations.md, as they stand there. */
const documented = async (): Promise<readonly string[]> => {
  const text = await readFile(join(__dirname, '../../../docs/operations.md'), 'utf8');
  const [, sql = ''] = /### Two roles[\s\S]*?```sql\n([\s\S]*?)```/.exec(text) ?? [];
  return sql.split('\\c punctual');
};

beforeAll(async () => {
  server = await ownPostgres();
  const database = new URL(server.url);
  database.pathname = '/punctual';
  const [before = '', after = ''] = await documented();
  for (const statement of before.split(';').filter((one) => one.trim() !== ''))
    await query(server.url, statement);
  await query(database.href, after);
  ownerUrl = asRole(database.href, 'punctual_owner');
  appUrl = asRole(database.href, 'punctual_app');
});

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

afterAll(async () => {
  await server.dispose();
});

const database = () => {
  const db = openDatabase({ url: appUrl, applicationName: 'app', poolSize: 2 });
  opened.push(() => db.destroy());
  return db;
};

const writer = async (): Promise<ProjectionWriter> => {
  const session = await writeSessions(appUrl)();
  opened.push(session.close);
  return await projectionWriter(session, readModel, announceProjected);
};

const verdicts = async (migrates: boolean): Promise<readonly object[]> => {
  const found: object[] = [];
  for (const { name, look } of postgresChecks({
    ...{ url: appUrl, migrations, migrates, connections: 12 },
  }))
    found.push({ name, ...(await look()) });
  return found.filter((one) => !('outcome' in one && one.outcome === 'ok'));
};

test('before anybody has migrated, a program that may not says which role has to do what', async () => {
  expect(await verdicts(false)).toMatchObject([
    {
      outcome: 'missing',
      found: expect.stringMatching(/^a schema without 0001-checkpoint, .*MIGRATE=off$/) as string,
      remedy: expect.stringContaining('punctual migrate') as string,
    },
  ]);
  expect(await verdicts(true)).toMatchObject([
    {
      outcome: 'missing',
      found: expect.stringMatching(/^no right of punctual_app to make 0001-checkpoint/) as string,
    },
  ]);
});

test('the owner migrates with the statements of the manual, and the other role then has all that it needs', async () => {
  const { code, output } = await runVerbHere(migrate, ['--postgres', ownerUrl]);
  expect(code).toBe(0);
  expect(output).toContain('migrated 0001-checkpoint');
  expect(output).toMatch(/the schema is up to date, with partitions of due jobs until \d{4}-\d\d/);
  expect(await verdicts(false)).toEqual([]);
  expect(await verdicts(true)).toEqual([]);
  expect((await runVerbHere(migrate, ['--postgres', ownerUrl])).output).not.toContain('migrated');
});

test('rows are written and read by a role that owns nothing, and its upkeep fails at nothing', async () => {
  const one = await writer();
  const soon = Date.now() + 300 * 24 * 3_600_000;
  await query(
    ownerUrl,
    `create table due_jobs_2020_01 partition of due_jobs for values from ('2020-01-01Z') to ('2020-02-01Z')`,
  );
  expect(await one.maintain(Date.now())).toEqual([]);
  await one.apply([recorded(testJobId(1), 0n, 1n, scheduled({}, soon), soon)], 1n);
  expect(await jobQueries(database()).one(testJobId(1))).toMatchObject({ status: 'scheduled' });
  const { step } = searchIndex(database());
  while ((await step()) === 'more');
  expect(await step()).toBe('caught-up');
  expect(await query(appUrl, 'select job_id from search_jobs')).toEqual([{ job_id: testJobId(1) }]);
});

test('a job that comes due where no partition is stands still by itself, and comes back when the owner has made it', async () => {
  const one = await writer();
  const [far, soon] = [Date.UTC(2040, 0, 15), Date.now() + 3_600_000];
  await one.apply(
    [
      recorded(testJobId(2), 0n, 2n, scheduled({}, far), far),
      recorded(testJobId(3), 0n, 3n, scheduled({}, soon), soon),
    ],
    3n,
  );
  expect([...one.parkedStreams()]).toEqual([`job-${testJobId(2)}`]);
  expect(await jobQueries(database()).one(testJobId(3))).toMatchObject({ status: 'scheduled' });
  const [parked] = await query(ownerUrl, 'select error from parked_streams');
  expect(parked).toMatchObject({
    error: expect.stringMatching(
      /no due_jobs_2040_01, and no right to make it: run "punctual migrate"/,
    ) as string,
  });
  await query(
    ownerUrl,
    `create table due_jobs_2040_01 partition of due_jobs for values from ('2040-01-01Z') to ('2040-02-01Z')`,
  );
  const log = {
    read: () => Promise.resolve([recorded(testJobId(2), 0n, 2n, scheduled({}, far), far)]),
  };
  expect(await one.retryParked(log, [`job-${testJobId(2)}`])).toEqual(new Set());
  expect(await jobQueries(database()).one(testJobId(2))).toMatchObject({ status: 'scheduled' });
});

test('a partition of the coming year that is missing is a warning on /readyz, and a line at the start', async () => {
  const ready = readinessOf([partitionsAhead(missingPartitions(database()), () => Date.now())]);
  expect((await ready()).conditions).toMatchObject([{ status: 'ok' }]);
  const [row] = await query(
    ownerUrl,
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'due_jobs'::regclass order by 1 offset 6 limit 1`,
  );
  const { name } = row as { readonly name: string }; // as selected
  await query(ownerUrl, `drop table ${name}`);
  const seen = await ready();
  expect(seen.conditions).toMatchObject([
    { status: 'warn', detail: { reason: expect.stringContaining(name) as string } },
  ]);
  expect(await verdicts(false)).toMatchObject([{ name: 'partitions ahead', outcome: 'reduced' }]);
  expect(await (await writer()).maintain(Date.now())).toEqual([name]);
});

test('a right that is missing on one table is told by its name', async () => {
  await query(ownerUrl, 'revoke delete on jobs from punctual_app');
  expect(await verdicts(false)).toMatchObject([
    {
      name: 'rights on schema and tables',
      outcome: 'missing',
      found: 'no right of punctual_app to change rows of jobs',
      remedy: expect.stringContaining(
        'grant select, insert, update, delete on all tables',
      ) as string,
    },
    { name: 'partitions ahead' },
  ]);
});

test('a program that is newer than the schema names the migrations that it lacks', async () => {
  const newer = [...migrations, { name: '9999-coming', up: () => Promise.resolve() }];
  const checks = postgresChecks({
    ...{ url: appUrl, migrations: newer, migrates: false, connections: 12 },
  });
  const check = checks.find(({ name }) => name === 'rights on schema and tables');
  expect(await check?.look()).toMatchObject({
    outcome: 'missing',
    found: 'a schema without 9999-coming, and MIGRATE=off',
    remedy: 'Run "punctual migrate" with the connection string of the owner, punctual_owner.',
  });
  await expect(migrateSchema(appUrl, newer)).rejects.toThrow();
});
