import { postgresChecks } from '../../../../infra/postgres/checks';
import { listenTo } from '../../../../infra/postgres/listen';
import { migrate } from '../../../../infra/postgres/migrate';
import { mayPass, unfit } from '../../../../infra/postgres/refusals';
import { writeSessions } from '../../../../infra/postgres/write-session';
import type { Verdict } from '../../../../infra/server-check';
import { migrations } from '../../../../projections/migrations/migrations';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { startPgBouncer, type PgBouncer } from '../../../support/pgbouncer';
import { createRole, type TestRole } from '../../../support/postgres-role';
import { postgresUrl } from '../../../support/servers';
import { until } from '../../../support/until';
import { query } from './server';

const undo: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

const database = async (): Promise<TestDatabase> => {
  const made = await createDatabase();
  undo.push(made.drop);
  return made;
};

const role = async (settings: Readonly<Record<string, string>> = {}): Promise<TestRole> => {
  const made = await createRole(settings);
  undo.push(made.drop);
  return made;
};

const pooler = async (
  url: string,
  ...how: [mode: 'session' | 'transaction' | 'statement', poolSize?: number]
): Promise<PgBouncer> => {
  const started = await startPgBouncer(url, ...how);
  undo.push(started.stop);
  return started;
};

const checksOf = (url: string, migrates = true) =>
  postgresChecks({ url, migrations, migrates, connections: 12 });

const verdictOn = async (url: string, name: string, migrates = true): Promise<Verdict> => {
  const check = checksOf(url, migrates).find((one) => one.name === name);
  if (!check) throw new Error(`there is no check ${name}`);
  return await check.look();
};

test('a server as it comes is all that is needed, before and after the schema is made', async () => {
  const { url } = await database();
  for (const { look } of checksOf(url)) expect(await look()).toMatchObject({ outcome: 'ok' });
  await migrate(url, migrations);
  for (const { look } of checksOf(url)) expect(await look()).toMatchObject({ outcome: 'ok' });
});

test.each`
  mode             | poolSize
  ${'transaction'} | ${20}
  ${'transaction'} | ${1}
  ${'statement'}   | ${20}
`(
  'a pooler in $mode mode with $poolSize server connections is found out, for locks and prepared statements do not survive it',
  async ({ mode, poolSize }: { mode: 'transaction' | 'statement'; poolSize: number }) => {
    const { url } = await database();
    const { through } = await pooler(url, mode, poolSize);
    expect(await verdictOn(through(url), 'sessions of its own')).toMatchObject({
      outcome: 'missing',
      found: 'a pooler that gives the session to others between transactions',
      remedy: expect.stringContaining('pool_mode=session') as string,
    });
  },
);

test('a pooler in session mode will do: settings, prepared statements and notices come through it', async () => {
  const { url } = await database();
  const { through } = await pooler(url, 'session');
  for (const { look } of checksOf(through(url)))
    expect(await look()).toMatchObject({ outcome: 'ok' });
  await migrate(through(url), migrations);
  const heard: string[] = [];
  const listener = listenTo({ url: through(url), applicationName: 'l', channel: 'projected' });
  listener.subscribe({ onMessage: (text) => heard.push(text), onConnect: () => undefined });
  const session = await writeSessions(through(url))();
  try {
    await until(() => listener.isConnected(), { what: 'it listens' });
    const named = { name: 'named', text: `select current_setting('enable_seqscan') as seqscan` };
    const [first, second] = await session.send([named, named]);
    expect([first?.rows, second?.rows]).toEqual([[{ seqscan: 'off' }], [{ seqscan: 'off' }]]);
    await session.send([{ text: `notify projected, 'hello'` }]);
    await until(() => heard.includes('hello'), { what: 'the notice is heard' });
  } finally {
    await session.close();
    await listener.stop();
  }
});

test('a pooler whose connections are all taken is waited for, and told as what it may be', async () => {
  const { url } = await database();
  const { through } = await pooler(url, 'session', 1);
  const error: unknown = await verdictOn(through(url), 'sessions of its own').catch(
    (reason: unknown) => reason,
  );
  expect(mayPass(error)).toBe(true);
  expect(unfit(url, 'sessions of its own', error).message).toContain(
    'a pooler without a free connection',
  );
});

test('a database that has no place for most letters is refused by its encoding', async () => {
  const name = `latin_${process.pid}`;
  await query(
    postgresUrl(),
    `create database ${name} template template0 encoding 'LATIN1' locale 'C'`,
  );
  undo.push(async () => {
    await query(postgresUrl(), `drop database ${name} with (force)`);
  });
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  expect(await verdictOn(url.href, 'a database that takes any text')).toMatchObject({
    outcome: 'missing',
    found: expect.stringContaining(`encoding LATIN1 in the database "${name}"`) as string,
  });
});

test('a search path that names no schema is refused by name', async () => {
  const { url } = await role({ search_path: 'nowhere' });
  expect(await verdictOn(url, 'a schema to work in')).toMatchObject({
    outcome: 'missing',
    found: expect.stringContaining('search_path') as string,
  });
});

test('a server that takes no writes is waited for, as after a failover', async () => {
  const { url } = await role({ default_transaction_read_only: 'on' });
  await expect(verdictOn(url, 'writes')).rejects.toMatchObject({
    code: '25006',
    message: 'the server takes no writes: default_transaction_read_only is on',
  });
});

test('a role that may open fewer connections than one program uses is told', async () => {
  const { url, adminUrl, name } = await role();
  await query(adminUrl, `alter role ${name} connection limit 5`);
  expect(await verdictOn(url, 'room for connections')).toMatchObject({
    outcome: 'reduced',
    found: 'room for 5 connections, and one program may open 12',
  });
});
