import { writeFile } from 'node:fs/promises';
import { ServerUnfit } from '../../../../infra/server-check';
import { parseConfig } from '../../../../processes/settings/config';
import { startOnPostgres } from '../../../../processes/starting/postgres-start';
import { runWorker } from '../../../../processes/composition/worker';
import { ownNats } from '../../../support/nats';
import { startPgBouncer } from '../../../support/pgbouncer';
import { silentLogger } from '../../../support/processes';
import { postgresUrl } from '../../../support/servers';
import { until } from '../../../support/until';
import { ownPostgres, query } from '../../infra/postgres/server';

const recordingLog = () => {
  const lines: string[] = [];
  const keep = (fields: object, message: string): void => {
    lines.push(`${message} ${'reason' in fields ? String(fields.reason) : ''}`.trim());
  };
  return { lines, logger: { ...silentLogger, warn: keep, info: keep } };
};

const start = (
  url: string,
  { logger = silentLogger, withinMs = 10_000, signal = new AbortController().signal } = {},
): Promise<boolean> =>
  startOnPostgres({ url, migrates: true, connections: 12, logger, withinMs }, signal);

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServerUnfit);
  return (error as ServerUnfit).message;
};

const changed = (change: (url: URL) => void): string => {
  const url = new URL(postgresUrl());
  url.password = 'se cret';
  change(url);
  return url.href;
};

test.each`
  what            | url                                                         | sentence
  ${'database'}   | ${(url: URL) => (url.pathname = '/none')}                   | ${/app@127.*\/none\): tried sessions of its own, found database "none" does not exist\. Create/}
  ${'user'}       | ${(url: URL) => (url.username = 'nobody')}                  | ${/nobody@127.*found role "nobody" does not exist\. Let this user in/}
  ${'host'}       | ${(url: URL) => (url.hostname = 'no-such-host.invalid')}    | ${/no-such-host\.invalid.*found no such host\. Set the right host/}
  ${'port'}       | ${(url: URL) => (url.port = '1')}                           | ${/127\.0\.0\.1:1.*ECONNREFUSED.*Start the server/}
  ${'encryption'} | ${(url: URL) => url.searchParams.set('sslmode', 'require')} | ${/found The server does not support SSL connections\. Turn encryption on/}
`(
  'a wrong $what is told with the setting, the server and what to do, and without the password',
  async ({ url, sentence }: { url: (url: URL) => void; sentence: RegExp }) => {
    const message = await refusal(start(changed(url), { withinMs: 300 }));
    expect(message).toMatch(/^POSTGRES_URL \(postgres:\/\//);
    expect(message).toMatch(sentence);
    expect(message).not.toContain('cret');
  },
);

test('a wrong password is told with the user and without the password', async () => {
  const server = await ownPostgres();
  try {
    const [row] = await query(server.url, `select current_setting('hba_file') as file`);
    const { file } = row as { readonly file: string }; // as selected
    await query(server.url, `create role keyed login password 'right'`);
    await writeFile(file, 'host all keyed all scram-sha-256\nhost all all all trust\n');
    await query(server.url, 'select pg_reload_conf()');
    const url = new URL(server.url);
    [url.username, url.password] = ['keyed', 'wr0ng'];
    const message = await refusal(start(url.href));
    expect(message).toMatch(/\/\/keyed@127.*password authentication failed.*Set the right user/);
    expect(message).not.toContain('wr0ng');
    url.password = 'right';
    expect(await refusal(start(url.href))).toContain('no right of keyed to make 0001-checkpoint');
  } finally {
    await server.dispose();
  }
});

test('a server that is away is waited for with one line in the log, and all goes on when it is there', async () => {
  const server = await ownPostgres();
  try {
    await server.kill();
    const { lines, logger } = recordingLog();
    const ready = start(server.url, { logger, withinMs: 60_000 });
    await until(() => lines.length > 0, { what: 'the wait is told' });
    await server.start();
    expect(await ready).toBe(true);
    expect(lines.filter((line) => line.includes('ECONNREFUSED'))).toHaveLength(1);
    expect(lines[0]).toMatch(/^waiting for Postgres POSTGRES_URL \(postgres:\/\/127/);
    expect(lines.at(-1)).toBe('Postgres is there');
    expect(await query(server.url, 'select from checkpoint')).toHaveLength(1);
  } finally {
    await server.dispose();
  }
});

test('a stop while it waits ends the wait, and is no failure', async () => {
  const stopping = new AbortController();
  const { lines, logger } = recordingLog();
  const ready = start(
    changed((url) => (url.port = '1')),
    { logger, signal: stopping.signal },
  );
  await until(() => lines.length > 0, { what: 'the wait is told' });
  stopping.abort();
  expect(await ready).toBe(false);
});

test('a process behind a pooler in transaction mode ends at its start: it would stand still in silence', async () => {
  const { through, stop } = await startPgBouncer(postgresUrl(), 'transaction');
  const config = parseConfig({
    POSTGRES_URL: through(postgresUrl()),
    EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
    NATS_URL: 'nats://127.0.0.1:1',
    SIGNING_SECRET: 'x'.repeat(32),
  });
  const deps = {
    config: config as Parameters<typeof runWorker>[0]['config'], // all servers are given
    names: ['projector'] as const,
    logger: silentLogger,
    onReady: () => undefined,
  };
  try {
    const message = await refusal(runWorker(deps, new AbortController().signal));
    expect(message).toMatch(/found a pooler .* between transactions\. Set pool_mode=session/);
  } finally {
    await stop();
  }
});

test('an executor needs nothing of Postgres, so that it may run where no database can be reached', async () => {
  const nats = await ownNats();
  const config = parseConfig({
    POSTGRES_URL: changed((url) => (url.port = '1')),
    EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
    NATS_URL: nats.url,
    SIGNING_SECRET: 'x'.repeat(32),
  });
  const stopping = new AbortController();
  let isReady = false;
  const deps = {
    config: config as Parameters<typeof runWorker>[0]['config'], // all servers are given
    names: ['executor'] as const,
    logger: silentLogger,
    onReady: () => (isReady = true),
  };
  const running = runWorker(deps, stopping.signal);
  try {
    await until(() => isReady, { what: 'the executor runs' });
  } finally {
    stopping.abort();
    await running;
    await nats.dispose();
  }
});
