import { Client } from 'pg';
import { tryAdvisoryLock } from '../../../../infra/postgres/advisory-lock';
import { migrate } from '../../../../infra/postgres/migrate';
import type { Migration } from '../../../../projections/migrations/migration';
import { migrations as ours } from '../../../../projections/migrations/migrations';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { query } from './server';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});

afterEach(async () => {
  await database.drop();
});

const step = (name: string, sql: string, transaction = true): Migration => ({
  name,
  transaction,
  up: async (knex) => {
    await knex.raw(sql);
  },
});

const slow = step('1', 'create table a (n int); select pg_sleep(0.1)');
const second = step('2', 'insert into a values (1)');

test('twenty programs that start at once run each migration once, and all go on', async () => {
  const ran = await Promise.all(
    Array.from({ length: 20 }, () => migrate(database.url, [slow, second])),
  );
  expect(ran.flat().sort()).toEqual(['1', '2']);
  expect(await query(database.url, 'select n from a')).toEqual([{ n: 1 }]);
});

test('later migrations are added to earlier ones', async () => {
  expect(await migrate(database.url, [slow])).toEqual(['1']);
  expect(await migrate(database.url, [slow, second])).toEqual(['2']);
  expect(await migrate(database.url, [slow, second])).toEqual([]);
});

test('a failing migration leaves nothing behind, nor do those before it, and the next start tries again', async () => {
  const broken = step('2', 'insert into a values (1); select 1/0');
  await expect(migrate(database.url, [slow, broken])).rejects.toThrow('division by zero');
  expect(await query(database.url, `select to_regclass('a') as a`)).toEqual([{ a: null }]);
  expect(await migrate(database.url, [slow, second])).toEqual(['1', '2']);
});

test('a lock that a killed program left in the table of knex stops nobody', async () => {
  await migrate(database.url, [slow]);
  await query(database.url, 'update knex_migrations_lock set is_locked = 1');
  expect(await migrate(database.url, [slow, second])).toEqual(['2']);
});

test('an older build starts on a newer schema, as happens while a new one is rolled out', async () => {
  await migrate(database.url, [slow, second]);
  expect(await migrate(database.url, [slow])).toEqual([]);
});

test('what cannot run in a transaction may say so', async () => {
  const index = step('3', 'create index concurrently a_n on a (n)', false);
  expect(await migrate(database.url, [slow, index])).toEqual(['1', '3']);
});

test('who waits for another program gives up in a sentence that names it, and nothing was done', async () => {
  const other = { url: database.url, applicationName: 'other-program' };
  const lock = await tryAdvisoryLock(other, 'migrations');
  await expect(migrate(database.url, [slow], { lockedTimeoutMs: 100 })).rejects.toThrow(
    /^waited \d+ s for the lock "migrations": server process \d+ \(other-program, user app\) has it/,
  );
  await lock?.release();
  expect(await query(database.url, `select to_regclass('a') as a`)).toEqual([{ a: null }]);
});

test('a stop ends that wait', async () => {
  const other = { url: database.url, applicationName: 'other-program' };
  const lock = await tryAdvisoryLock(other, 'migrations');
  const stopping = new AbortController();
  const waiting = migrate(database.url, [slow], { signal: stopping.signal });
  stopping.abort();
  await expect(waiting).rejects.toThrow('aborted');
  await lock?.release();
});

test('a transaction that sits on a table is not waited for without end', async () => {
  await migrate(database.url, [slow]);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin; lock table a');
  await expect(
    migrate(database.url, [slow, second], { lockedTimeoutMs: 1_000 }),
  ).rejects.toMatchObject({ code: '55P03' });
  await client.end();
  expect(await migrate(database.url, [slow, second])).toEqual(['2']);
});

test('the migrations of the product run on an empty database', async () => {
  expect(await migrate(database.url, ours)).toEqual(ours.map(({ name }) => name));
});
