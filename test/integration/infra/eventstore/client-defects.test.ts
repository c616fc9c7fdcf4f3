import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { startEventStoreChild } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import { createDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { plainStreams } from '../../../support/names';

test('a server that freezes under load and then dies does not take its clients with it', async () => {
  const database = await createDatabase();
  const server = await startEventStoreChild(database.url);
  const appender = fork(join(__dirname, 'appender.ts'), [server.url], {
    execArgv: ['--require', 'tsx/cjs'],
  });
  try {
    const said: unknown[] = [];
    appender.on('message', (message) => said.push(message));
    const exited = once(appender, 'exit');
    await until(() => said.includes('ready'));
    server.process.kill('SIGSTOP');
    appender.send('go');
    await until(() => said.includes('appending'));
    await server.kill();
    expect(await exited).toEqual([0, null]);
    await until(() => said.some(Array.isArray), { what: 'its last words are heard' });
    expect(said.at(-1)).toEqual(['AppendOutcomeUnknown']);
  } finally {
    appender.kill('SIGKILL');
    await server.kill();
    await database.drop();
  }
});

test('an answer that comes when a broken stream has made the client forget who waits does not end the process', async () => {
  const databases = [await createDatabase(), await createDatabase()];
  const [frozen, dying] = await Promise.all([
    startEventStoreChild(databases[0]?.url ?? ''),
    startEventStoreChild(databases[1]?.url ?? ''),
  ]);
  const [client, other] = [openEventStore(frozen.url), openEventStore(dying.url)];
  const append = (one: typeof client) =>
    one.appendToStream('job-1', [jsonEvent({ type: 'A', data: {} })]);
  try {
    await Promise.all([append(client), append(other)]);
    frozen.process.kill('SIGSTOP');
    const forgotten = append(client);
    const rejected = expect(forgotten).rejects.toMatchObject({ type: 'unavailable' });
    await dying.kill(); // breaks the other client's stream of appends
    await rejected;
    frozen.process.kill('SIGCONT');
    expect((await append(client)).nextExpectedRevision).toBe(2n);
  } finally {
    await Promise.all([client, other].map(closeEventStore));
    await Promise.all([frozen.kill(), dying.kill()]);
    await Promise.all(databases.map(({ drop }) => drop()));
  }
});

/** Answers every question with one gRPC status, and remembers what was asked. */
const startRefuser = async (grpcStatus: number) => {
  const asked: string[] = [];
  let sessions = 0;
  const server = createServer();
  server.on('session', (session) => {
    sessions += 1;
    session.on('close', () => (sessions -= 1));
  });
  server.on('stream', (stream, headers) => {
    asked.push(headers[':path'] ?? '');
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(grpcStatus) },
      { endStream: true },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    asked,
    sessions: () => sessions,
    close: () => server.close(),
  };
};

test.each`
  status | name                    | why
  ${13}  | ${'INTERNAL'}           | ${'a proxy in trouble'}
  ${8}   | ${'RESOURCE_EXHAUSTED'} | ${'a server in trouble'}
  ${14}  | ${'UNAVAILABLE'}        | ${'a server that starts'}
`(
  'a client whose first question is answered $name asks again, instead of repeating that answer for ever: $why',
  async ({ status }: { status: number }) => {
    const refuser = await startRefuser(status);
    const client = openEventStore(refuser.url);
    const log = eventStoreLog(client, plainStreams, { deadlineMs: 1_000, tryMs: 500 });
    await until(async () => {
      await expect(log.append('job-1', [newEvent()], 'no-stream')).rejects.toThrow();
      return refuser.asked.length > 1;
    });
    expect(new Set(refuser.asked)).toEqual(
      new Set(['/event_store.client.server_features.ServerFeatures/GetSupportedMethods']),
    );
    await closeEventStore(client);
    refuser.close();
  },
);

test('a closed client leaves no connection open', async () => {
  const refuser = await startRefuser(12);
  const client = openEventStore(refuser.url);
  const log = eventStoreLog(client, plainStreams, { deadlineMs: 500, tryMs: 500 });
  await until(async () => {
    await expect(log.append('job-1', [newEvent()], 'any')).rejects.toThrow();
    return refuser.sessions() > 0;
  });
  await closeEventStore(client);
  await until(() => refuser.sessions() === 0);
  refuser.close();
});
