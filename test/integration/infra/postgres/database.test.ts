import type { Knex } from 'knex';
import { openDatabase, type DatabaseOptions } from '../../../../infra/postgres/database';
import { isTransientPostgresError } from '../../../../infra/postgres/failures';
import { until } from '../../../support/until';
import { cut, ownPostgres, query, type OwnPostgres } from './server';

let server: OwnPostgres;
const opened: Knex[] = [];

beforeAll(async () => {
  server = await ownPostgres();
});

afterEach(async () => {
  for (const db of opened.splice(0)) await db.destroy();
});

afterAll(async () => {
  await server.dispose();
});

const open = (options: Partial<DatabaseOptions> = {}): Knex => {
  const db = openDatabase({
    url: server.url,
    applicationName: 'database-test',
    poolSize: 2,
    ...options,
  });
  opened.push(db);
  return db;
};

const one = async (db: Knex): Promise<unknown> =>
  (await db.raw<{ rows: unknown[] }>('select 1 as one')).rows;

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('each session has the settings asked for, values with spaces included', async () => {
  const db = open({
    statementTimeoutMs: 1_234,
    settings: { synchronous_commit: 'off', search_path: 'public, pg_temp' },
  });
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `select current_setting('statement_timeout') as timeout, current_setting('synchronous_commit') as commit,
            current_setting('search_path') as path, current_setting('TimeZone') as zone,
            current_setting('application_name') as name`,
  );
  expect(rows).toEqual([
    {
      timeout: '1234ms',
      commit: 'off',
      path: 'public, pg_temp',
      zone: 'UTC',
      name: 'database-test',
    },
  ]);
});

test('a statement that takes too long is ended, and the connection serves the next one', async () => {
  const db = open({ statementTimeoutMs: 1_000, poolSize: 1 });
  const error = await failureOf(db.raw('select pg_sleep(60)').then());
  expect(error).toMatchObject({ code: '57014' });
  expect(isTransientPostgresError(error)).toBe(true);
  expect(await one(db)).toEqual([{ one: 1 }]);
});

test('idle connections that the server cuts do not end the program, and queries go on over new ones', async () => {
  const db = open();
  await Promise.all([one(db), one(db)]);
  await cut(server.url, 'database-test');
  await until(async () => (await one(db)) !== undefined, { what: 'queries are answered again' });
});

test('a server that was killed is an outage that may pass, and it passes', async () => {
  const db = open();
  await one(db);
  await server.kill();
  const error = await failureOf(one(db));
  expect(isTransientPostgresError(error)).toBe(true);
  await server.start();
  await until(() => one(db), { what: 'queries are answered again' });
});

test('a connection that fell silent is given up, so that it does not hold up one query after another', async () => {
  const db = open({ poolSize: 1, statementTimeoutMs: 1_000 });
  const { rows } = await db.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    const error = await failureOf(one(db));
    expect(isTransientPostgresError(error)).toBe(true);
    expect(await one(db)).toEqual([{ one: 1 }]);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await query(server.url, 'select 1');
});
