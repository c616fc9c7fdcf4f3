import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { closeEventStore } from '../../infra/eventstore/client';
import { version } from '../../package.json';
import { selfSigned } from '../support/certificate';
import { processTree } from '../support/process-tree';
import { placePostgres, throwAwaySettings } from '../support/prepared-postgres';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';
import { runBuiltVerb, runVerb, startAloneEventStore, type AloneEventStore } from '../support/verb';

const event = () => jsonEvent({ type: 'Happened', data: { n: 1 } });

const withClient = async <T>(
  url: string,
  use: (client: EventStoreDBClient) => Promise<T>,
): Promise<T> => {
  const client = EventStoreDBClient.connectionString(url);
  try {
    return await use(client);
  } finally {
    await closeEventStore(client);
  }
};

const countOf = (url: string, stream: string): Promise<number> =>
  withClient(url, async (client) => {
    let events = 0;
    for await (const _ of client.readStream(stream)) events += 1;
    return events;
  });

const append = (url: string, stream: string) =>
  withClient(url, (client) => client.appendToStream(stream, event()));

let folder: Awaited<ReturnType<typeof tempFolder>>;
let postgres: EmbeddedPostgres;
beforeAll(async () => {
  folder = await tempFolder('eventstore-cli');
  const dataDir = join(folder.path, 'given');
  await placePostgres(dataDir);
  postgres = await startPostgres({ dataDir, settings: throwAwaySettings });
});
afterAll(async () => {
  await postgres.stop();
  await folder.remove();
});

const stop = async (store: AloneEventStore): Promise<number | null> => {
  store.signal('SIGTERM');
  return await store.exited;
};

describe('with a data directory of its own', () => {
  const flags = () => ['--port', '0', '--data-dir', join(folder.path, 'own')];

  test('it says one line when it is ready, serves, refuses a second one on its folder in words, and ends with 0 on SIGTERM, Postgres and all', async () => {
    const store = await startAloneEventStore(flags());
    await append(store.url, 'kept');
    const { code, errors, output } = await runVerb(['eventstore', ...flags()]);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toMatch(/already runs on .*own/);
    await append(store.url, 'still-here');
    const tree = processTree(store.pid);
    expect(tree.pids.length).toBeGreaterThan(1);
    expect(await stop(store)).toBe(0);
    await until(() => tree.alive().length === 0);
    expect(store.output()).toBe(`${JSON.stringify({ listening: store.listening })}\n`);
  });

  test('kill -9 loses nothing: the next start takes the folder over, finds what was appended, and starts its Postgres again when that dies', async () => {
    const first = await startAloneEventStore(flags());
    await append(first.url, 'kept');
    const before = await countOf(first.url, 'kept');
    const tree = processTree(first.pid);
    first.signal('SIGKILL');
    const second = await startAloneEventStore(flags());
    expect(await countOf(second.url, 'kept')).toBe(before);
    const killed = processTree(second.pid).pids.find((pid) => pid !== second.pid);
    process.kill(killed ?? 0, 'SIGKILL');
    await until(() => append(second.url, 'after-the-kill'));
    expect(await until(() => countOf(second.url, 'kept'))).toBe(before);
    expect(await stop(second)).toBe(0);
    await until(() => tree.alive().length === 0);
  });
});

describe('on a Postgres that is there', () => {
  const flags = (schema: string) => ['--port', '0', '--postgres', postgres.url, '--schema', schema];

  test('it serves from a schema of its own, which another is refused by name, so that many stores share one server; Ctrl-C ends it like SIGTERM', async () => {
    const [one, two] = [
      await startAloneEventStore(flags('one')),
      await startAloneEventStore(flags('two')),
    ];
    await append(one.url, 's');
    await expect(countOf(two.url, 's')).rejects.toMatchObject({ type: 'stream-not-found' });
    const { code, errors } = await runVerb(['eventstore', ...flags('one')]);
    expect(code).toBe(1);
    expect(errors).toContain('another event store server writes to schema "one"');
    expect(await stop(one)).toBe(0);
    two.signal('SIGINT');
    expect(await two.exited).toBe(0);
  });

  test('a port that is taken is named', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await until(() => squatter.listening);
    const { port } = squatter.address() as AddressInfo; // a TCP server that listens has one
    const { code, errors } = await runVerb([
      ...['eventstore', '--port', String(port)],
      ...['--postgres', postgres.url, '--schema', 'squatted'],
    ]);
    squatter.close();
    expect(code).toBe(1);
    expect(errors).toContain(`port ${port} on 127.0.0.1 is taken by another program`);
  });

  test('a Postgres that does not answer ends it with a message, not a stack', async () => {
    const { code, errors } = await runVerb([
      ...['eventstore', '--port', '0', '--postgres', 'postgres://app:secret@127.0.0.1:1/none'],
    ]);
    expect(code).toBe(1);
    expect(errors).toMatch(/^punctual eventstore: .*ECONNREFUSED.*\n$/);
    expect(errors).not.toContain('secret');
  });
});

test('with TLS and users it serves those who log in, over TLS, and nobody else', async () => {
  const certificate = await selfSigned();
  const store = await startAloneEventStore(
    [
      ...['--port', '0', '--postgres', postgres.url, '--schema', 'secured'],
      ...['--tls-cert', certificate.file, '--tls-key', certificate.keyFile],
      ...['--admin', 'root:pass:word'],
    ],
    { EVENTSTORE_USERS: 'ada:secret' },
  );
  const as = (user: string): string =>
    `esdb://${user}${store.listening}?tls=true&tlsCAFile=${certificate.file}`;
  const readAll = (url: string) =>
    withClient(url, async (client) => {
      let events = 0;
      for await (const _ of client.readAll({ maxCount: 1 })) events += 1;
      return events;
    });
  try {
    expect(await append(as('ada:secret@'), 's')).toMatchObject({ success: true });
    await expect(append(as(''), 's')).rejects.toMatchObject({ type: 'access-denied' });
    await expect(append(as('ada:wrong@'), 's')).rejects.toMatchObject({ type: 'access-denied' });
    await expect(readAll(as('ada:secret@'))).rejects.toMatchObject({ type: 'access-denied' });
    expect(await readAll(as('root:pass%3Aword@'))).toBe(1);
    await expect(append(store.url, 's')).rejects.toThrow();
  } finally {
    expect(await stop(store)).toBe(0);
    await certificate.remove();
  }
});

describe('what was typed', () => {
  const here = ['--postgres', 'postgres://127.0.0.1:1/none'];

  test.each([
    ['no place for the log', [], 'where is the log to be kept'],
    ['two places', [...here, '--data-dir', 'x'], 'exclude each other'],
    ['no port', [...here, '--port', 'x'], '--port x is no whole number from 0 to 65535'],
    ['a port that no machine has', [...here, '--port', '65536'], '--port 65536 is no whole number'],
    ['a flag that does not exist', [...here, '--prot', '1'], "Unknown option '--prot'"],
    ['a certificate without its key', [...here, '--tls-cert', 'x'], 'go together'],
    ['a user without a password', [...here, '--user', 'anna'], 'a user is NAME:PASSWORD'],
    ['an address without a port', [...here, '--advertise', 'store'], '--advertise wants HOST:PORT'],
    ['a user twice', [...here, '--user', 'anna:1', '--user', 'anna:2'], 'given twice'],
    ['a version nobody knows', [...here, '--like', '24.10'], '--like 24.10 is no version that is'],
    ['a URL that is none', ['--postgres', 'localhost'], '--postgres wants postgres://'],
  ])('%s: told with the usage, exit code 2', async (_why, flags, message) => {
    const { code, output, errors } = await runVerb(['eventstore', ...flags]);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(message);
    expect(errors).toContain('usage: punctual eventstore');
  });

  test.each([
    ['--tls-cert', ['--tls-cert', '/none.pem', '--tls-key', '/none.pem']],
    ['--users-file', ['--users-file', '/none']],
  ])('a file of %s that cannot be read is named', async (flag, flags) => {
    const { code, errors } = await runVerb(['eventstore', ...here, ...flags]);
    expect(code).toBe(1);
    expect(errors).toContain(`${flag} /none`);
    expect(errors).toContain('cannot be read');
  });

  test('help and version go to stdout, so that they can be piped', async () => {
    const [help, ofVerb, told] = [
      await runBuiltVerb(['--help']),
      await runVerb(['eventstore', '--help']),
      await runBuiltVerb(['--version']),
    ];
    expect([help.code, ofVerb.code, told.code]).toEqual([0, 0, 0]);
    expect(help.output).toMatch(/eventstore .*\n.*eventstore-export .*\n.*eventstore-import /);
    expect(ofVerb.output).toContain('--data-dir DIR');
    expect(told.output).toBe(`${version}\n`);
  });

  test.each([[[]], [['evenstore']], [['constructor']]])(
    'no such verb, %j: usage on stderr, exit code 2',
    async (args) => {
      const { code, output, errors } = await runVerb(args);
      expect({ code, output }).toEqual({ code: 2, output: '' });
      expect(errors).toContain('usage: punctual VERB');
    },
  );
});
