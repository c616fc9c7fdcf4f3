import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDatabase } from '../../embedded/database';
import { startEventStoreServer } from '@punctual/eventstore';
import { startPostgres } from '../../embedded/postgres';
import { ownNats, type TestNats } from '../support/nats';
import { processTree } from '../support/process-tree';
import { startProgram } from '../support/program';
import { apiKeyOf, apiKeys } from '../support/running-stack';
import { placePostgres, throwAwaySettings } from '../support/prepared-postgres';
import { runVerb } from '../support/verb';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

/** Stands in every password, and nowhere else. */
const MARK = 'm4rked-secret';

type Servers = {
  readonly urls: Readonly<Record<'PUNCTUAL_EVENTSTORE_URL' | 'POSTGRES_URL' | 'NATS_URL', string>>;
  readonly broker: TestNats;
  readonly stop: () => Promise<void>;
};

const serversWithPasswords = async (): Promise<Servers> => {
  const folder = await tempFolder('secrets');
  const settings = throwAwaySettings;
  const dataDir = join(folder.path, 'postgres');
  await placePostgres(dataDir);
  const postgres = await startPostgres({ dataDir, settings });
  const broker = await ownNats();
  const eventstore = await startEventStoreServer({
    postgresUrl: await ensureDatabase(postgres.url, 'eventstore'),
    schema: 'eventstore',
    host: '127.0.0.1',
    port: 0,
    log: () => undefined,
  });
  const readModel = new URL(await ensureDatabase(postgres.url, 'punctual'));
  readModel.password = MARK; // trusted with any
  const { port } = eventstore;
  return {
    urls: {
      // without TLS the client keeps it to itself; it is in the string all the same
      PUNCTUAL_EVENTSTORE_URL: `esdb://admin:${MARK}@127.0.0.1:${port}?tls=false`,
      POSTGRES_URL: readModel.href,
      NATS_URL: broker.url.replace('://', `://punctual:${MARK}@`),
    },
    broker,
    stop: async () => {
      await eventstore.close();
      await broker.dispose();
      await postgres.stop();
      await folder.remove();
    },
  };
};

let servers: Servers;
beforeAll(async () => {
  servers = await serversWithPasswords();
});
afterAll(() => servers.stop());

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
};

test('a running stack shows no password: not printed, not logged, not on a command line, not over HTTP, and in files for its owner alone', async () => {
  const folder = await tempFolder('secret-stack');
  const file = join(folder.path, 'endpoints.json');
  await writeFile(file, '{}'); // as an earlier version left it, for all to read
  await chmod(file, 0o644);
  const program = startProgram({
    ...servers.urls,
    DATA_DIR: folder.path,
    HTTP_PORT: '0',
    API_KEYS: apiKeys,
    LOG_LEVEL: 'trace',
  });
  try {
    await until(() => program.output().includes('Punctual is running.'), {
      what: 'the stack says that it runs',
    });
    servers.broker.pause(); // what is said of a server that does not answer
    const endpoints = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    const texts = await Promise.all(
      ['/readyz', '/livez', '/openapi.json', '/metrics', '/v1/limits', '/v1/jobs/none'].map(
        async (path) =>
          await (
            await fetch(`${endpoints['httpUrl'] ?? ''}${path}`, {
              headers: { authorization: `Bearer ${apiKeyOf('olga')}` },
            })
          ).text(),
      ),
    );
    expect(texts.join('\n')).not.toContain(MARK);
    servers.broker.resume();

    // programs can connect with it
    expect(endpoints['eventstoreUrl']).toBe(servers.urls.PUNCTUAL_EVENTSTORE_URL);
    const withMark: string[] = [];
    for (const one of await filesIn(folder.path))
      if ((await readFile(one, 'utf8')).includes(MARK)) withMark.push(one);
    expect(withMark).toEqual([file]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const pids = processTree(program.pid).pids.join(',');
    const commandLines = execFileSync('ps', ['-ww', '-o', 'args=', '-p', pids], {
      encoding: 'utf8',
    });
    expect(commandLines).toContain('main.js');
    expect(commandLines).not.toContain(MARK);
  } finally {
    program.signal('SIGTERM');
    await program.exited;
    await folder.remove();
  }
  expect(program.output()).toContain('event store  esdb://admin@127.0.0.1:');
  expect(program.output() + program.errors()).not.toContain(MARK);
});

describe.each([
  ['PUNCTUAL_EVENTSTORE_URL', `esdb://admin:${MARK}@[::1`],
  ['EVENTSTORE_URL', `esdb://admin:${MARK}@127.0.0.1:1?tls=${MARK}`],
  ['EVENTSTORE_URL', `esdb:/admin:${MARK}@127.0.0.1`],
  ['PUNCTUAL_EVENTSTORE_URL', `esdb://admin:a@${MARK}:127.0.0.1:1?tls=false`],
  ['POSTGRES_URL', `postgres://app:${MARK}@[::1/punctual`],
  ['NATS_URL', `nats://punctual:${MARK}@[::1`],
])('%s, set to something malformed', (variable, url) => {
  test('its error has no password in it, for it is the text that gets mailed around', async () => {
    const folder = await tempFolder('malformed');
    const { PUNCTUAL_EVENTSTORE_URL: eventstore, ...others } = servers.urls;
    const program = startProgram({
      ...others,
      EVENTSTORE_URL: eventstore,
      [variable]: url,
      PUNCTUAL_PROCESSES: 'projector,dispatcher',
      DATA_DIR: folder.path,
      API_KEYS: apiKeys,
      LOG_LEVEL: 'trace',
    });
    await program.exited;
    await folder.remove();
    expect(program.errors()).not.toContain(MARK);
    expect(program.errors()).toContain(`${variable} (`);
  });
});

test('a verb that cannot reach a server says so without its password', async () => {
  const { errors, output, code } = await runVerb(
    ['audit', 'job', '0198c5a0-0000-7000-8000-000000000000', '--json'],
    {
      // without TLS the client keeps it to itself; it is in the string all the same
      PUNCTUAL_EVENTSTORE_URL: `esdb://admin:${MARK}@127.0.0.1:1?tls=${MARK}`,
    },
  );
  expect(code).not.toBe(0);
  expect(errors + output).not.toContain(MARK);
});
