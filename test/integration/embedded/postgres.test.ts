import { copyFile, mkdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import type { ExitInfo } from '../../../embedded/child';
import { isAlive, runToEnd, withPrivileges } from '../../../embedded/child';
import { startPostgres, type EmbeddedPostgres } from '../../../embedded/postgres';
import { accountFor } from '../../../embedded/postgres-account';
import { placeEmptyPostgres, throwAwaySettings } from '../../support/prepared-postgres';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';

const settings = { ...throwAwaySettings, shared_buffers: '16MB' };
let folder: Awaited<ReturnType<typeof tempFolder>>;
let dataDir: string;
const started: EmbeddedPostgres[] = [];

const start = async (options: Partial<Parameters<typeof startPostgres>[0]> = {}) => {
  const server = await startPostgres({ dataDir, settings, ...options });
  started.push(server);
  return server;
};

/** The same with files that were made before. */
const startPrepared = async (options: Parameters<typeof start>[0] = {}) => {
  await placeEmptyPostgres(dataDir);
  return await start(options);
};

const query = async (url: string, text: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
};

beforeEach(async () => {
  folder = await tempFolder('launch');
  dataDir = join(folder.path, 'a', 'b', 'data');
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  await folder.remove();
});

test('a first start makes the cluster, and a later one goes on with its rows on the same port', async () => {
  const first = await start();
  await query(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await start({ port: first.port });
  expect(second.url).toBe(first.url);
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('the directory is closed to others, and the server listens on loopback only', async () => {
  const { url } = await start();
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  const [row] = await query(
    url,
    `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`,
  );
  expect(row).toEqual({ addresses: '127.0.0.1', sockets: '' });
});

test('after kill -9 the owner is told, and a start at once recovers every committed row', async () => {
  const told: ExitInfo[] = [];
  const first = await startPrepared({
    settings: { shared_buffers: '16MB' }, // durable, as the product runs it
    onExit: (info) => told.push(info),
  });
  await query(first.url, 'create table kept as select generate_series(1, 1000) as n');
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const second = await start({ port: first.port });
  expect(await query(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }]);
  await until(() => told.length === 1, { what: 'the owner is told' });
  expect(told[0]).toMatchObject({ asked: false, signal: 'SIGKILL' });
});

test('a second start on a directory in use is refused in words that name the process', async () => {
  const first = await startPrepared();
  await expect(start()).rejects.toThrow(
    new RegExp(`process ${first.pid}, port ${first.port}.* already runs on`),
  );
  expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a given port that another program has is refused in one sentence', async () => {
  const taken: Server = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    await expect(startPrepared({ port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program.`,
    );
  } finally {
    taken.close();
  }
});

test('a folder with files of somebody else is refused and left as it is', async () => {
  await mkdir(dataDir, { recursive: true });
  const precious = join(dataDir, 'thesis.txt');
  await copyFile(__filename, precious);
  await expect(start()).rejects.toThrow(`has files in it that are not PostgreSQL's`);
  expect((await stat(precious)).size).toBeGreaterThan(0);
});

test('words of the server reach the one who started it, when it cannot start', async () => {
  await expect(
    startPrepared({ settings: { ...settings, shared_buffers: 'plenty' } }),
  ).rejects.toThrow(/invalid value for parameter "shared_buffers"/);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot(
  'as root, the account that runs the server reaches programs below a closed home, where a checkout may lie',
  async () => {
    const program = join(folder.path, 'true'); // the folder is 0700 and root's
    await copyFile('/bin/true', program);
    const { privileges } = await accountFor(dataDir, [program]);
    const [command, ...args] = withPrivileges(privileges, 'test', ['-x', program]);
    expect((await runToEnd(command, args)).code).toBe(0);
  },
);

asRoot('a data directory that a restored backup gave to root is given back', async () => {
  const first = await startPrepared();
  await first.stop();
  await runToEnd('chown', ['-R', '0:0', dataDir]);
  await runToEnd('chmod', ['755', dataDir]);
  const second = await start();
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});
