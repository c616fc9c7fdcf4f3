import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { jsonEvent } from '@eventstore/db-client';
import { first } from 'rxjs';
import { AppendOutcomeUnknown, EventLogUnavailable } from '../../../../domain/event-log';
import { startEventStoreServer } from '@punctual/eventstore';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { FeedCut } from '../../../../projections/reading/feed';
import { startEventStoreChild, startTestEventStore } from '../../../support/event-store';
import type { EventStoreChild } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import type { TestDatabase } from '../../../support/postgres';
import { createDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { startProxy } from '../../../support/proxy';
import { followAcrossCuts } from './following';
import { openCalls } from './open-calls';
import { plainStreams } from '../../../support/names';

const jobStream = (): string => `job-${randomUUID()}`;
const impatient = { deadlineMs: 600, tryMs: 200 };
/** For what has to be answered, on a slow machine too. */
const patient = { deadlineMs: 60_000, tryMs: 10_000 };

let database: TestDatabase;
let server: EventStoreChild;
beforeAll(async () => {
  database = await createDatabase();
  server = await startEventStoreChild(database.url);
});
afterAll(async () => {
  await server.kill();
  await database.drop();
});

test('with nobody at the port the log is unavailable, and says so before long: nothing was recorded', async () => {
  const client = openEventStore('esdb://127.0.0.1:1?tls=false');
  const log = eventStoreLog(client, plainStreams, impatient);
  await expect(log.append(jobStream(), [newEvent()], 'no-stream')).rejects.toBeInstanceOf(
    EventLogUnavailable,
  );
  await expect(log.read(jobStream())).rejects.toBeInstanceOf(EventLogUnavailable);
  await closeEventStore(client);
});

test('a host that nobody knows is told by its name, and nothing was recorded', async () => {
  const client = openEventStore('esdb://no-such-host.invalid:2113?tls=false');
  const appended = eventStoreLog(client, plainStreams, { deadlineMs: 4_000 }).append(
    jobStream(),
    [newEvent()],
    'no-stream',
  );
  await expect(appended).rejects.toBeInstanceOf(EventLogUnavailable);
  await expect(appended).rejects.toMatchObject({
    cause: { message: expect.stringContaining('no-such-host.invalid') as string },
  });
  await closeEventStore(client);
});

test('a program whose clock is 11 s behind that of the event store appends all the same: what the server holds against its own clock is far away', async () => {
  const now = Date.now.bind(Date);
  const behind = jest.spyOn(Date, 'now').mockImplementation(() => now() - 11_000);
  const client = openEventStore(server.url);
  try {
    // what the client asks for by itself is over when it arrives
    const plain = client.appendToStream(jobStream(), jsonEvent({ type: 'Any', data: {} }));
    await expect(plain).rejects.toMatchObject({ type: 'deadline-exceeded' });
    const log = eventStoreLog(client, plainStreams);
    const appended = await log.append(jobStream(), [newEvent()], 'no-stream');
    expect(appended.outcome).toBe('appended');
  } finally {
    behind.mockRestore();
    await closeEventStore(client);
  }
});

test('an event store that listens on IPv6 is reached by its address', async () => {
  const six = await startEventStoreServer({
    ...{ postgresUrl: database.url, schema: 'six', host: '::1', port: 0 },
    log: () => undefined,
  });
  const client = openEventStore(six.url);
  const appended = await eventStoreLog(client, plainStreams).append(
    jobStream(),
    [newEvent()],
    'no-stream',
  );
  expect(appended.outcome).toBe('appended');
  await closeEventStore(client);
  await six.close();
});

test('seeds that are silent keep no client from closing', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const client = openEventStore(
    `esdb://127.0.0.1:${port},127.0.0.1:${port}?tls=false&gossipTimeout=5000`,
  );
  const log = eventStoreLog(client, plainStreams, impatient);
  await expect(log.read(jobStream())).rejects.toBeInstanceOf(EventLogUnavailable);
  const startMs = performance.now();
  await closeEventStore(client);
  expect(performance.now() - startMs).toBeLessThan(20_000); // their answers are waited for for an hour
  silent.close();
});

test('an append that a frozen server may have taken is of unknown outcome; the same append later tells', async () => {
  const client = openEventStore(server.url);
  const log = eventStoreLog(client, plainStreams, impatient);
  const later = eventStoreLog(client, plainStreams, patient);
  const [stream, events] = [jobStream(), [newEvent()]];
  await later.read(stream);
  await later.append(jobStream(), [newEvent()], 'no-stream');
  server.process.kill('SIGSTOP');
  try {
    await expect(log.append(stream, events, 'no-stream')).rejects.toBeInstanceOf(
      AppendOutcomeUnknown,
    );
    await expect(log.read(stream)).rejects.toBeInstanceOf(EventLogUnavailable);
    await until(() => openCalls(client) === 1); // the one for appends: reads that were given up are ended
  } finally {
    server.process.kill('SIGCONT');
  }
  expect(await later.append(stream, events, 'no-stream')).toMatchObject({ revision: 0n });
  expect(await later.read(stream)).toHaveLength(1);
  await closeEventStore(client);
});

test('an append whose answer was lost is sent again on the next connection, and recorded once', async () => {
  const proxy = await startProxy(server.url);
  const client = openEventStore(proxy.url);
  const log = eventStoreLog(client, plainStreams, { deadlineMs: 60_000, tryMs: 2_000 });
  const direct = openEventStore(server.url);
  const there = eventStoreLog(direct, plainStreams);
  const [stream, events] = [jobStream(), [newEvent(), newEvent()]];
  await log.append(jobStream(), [newEvent()], 'no-stream');

  proxy.muteAnswers();
  const appending = log.append(stream, events, 'no-stream');
  await until(async () => (await there.read(stream)).length > 0);
  await there.append(stream, [newEvent()], 1n);
  proxy.cut();
  proxy.heal();

  expect(await appending).toMatchObject({ outcome: 'appended', revision: 1n });
  expect(await log.read(stream)).toHaveLength(3);
  await Promise.all([client, direct].map(closeEventStore));
  await proxy.close();
});

test('a feed whose connection died silently is cut by the keepalive, and opened again misses nothing', async () => {
  const warnings = jest.spyOn(console, 'warn').mockImplementation(); // of a keepalive below 10 s
  const proxy = await startProxy(server.url);
  const client = openEventStore(`${proxy.url}&keepAliveInterval=300&keepAliveTimeout=300`);
  const direct = openEventStore(server.url);
  const there = eventStoreLog(direct, plainStreams);
  const begin = await there.append(jobStream(), [newEvent()], 'no-stream');
  if (begin.outcome === 'conflict') throw new Error('nobody else writes here');
  const follower = followAcrossCuts(eventStoreFeed(client, plainStreams), begin.position);
  const events = [newEvent(), newEvent()];
  await there.append(jobStream(), events.slice(0, 1), 'no-stream');
  await until(() => follower.events.length === 1);

  proxy.muteAnswers();
  await there.append(jobStream(), events.slice(1), 'no-stream');
  await until(() => follower.cuts() > 0);
  proxy.cut();
  proxy.heal();
  await until(() => follower.events.length === 2);

  follower.leave();
  expect(follower.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  await Promise.all([client, direct].map(closeEventStore));
  await proxy.close();
  warnings.mockRestore();
});

test('a feed is cut, and never just falls silent, when its client is closed or its server stops in good order', async () => {
  const stopping = await startTestEventStore();
  const clients = [openEventStore(server.url), openEventStore(stopping.server.url)] as const;
  const begun: unknown[] = [];
  const errors: unknown[] = [];
  for (const client of clients) {
    const { items$ } = eventStoreFeed(client, plainStreams).open('start');
    items$.pipe(first(({ kind }) => kind === 'caught-up')).subscribe((item) => begun.push(item));
    items$.subscribe({ error: (error: unknown) => errors.push(error) });
  }
  await until(() => begun.length === 2);
  await closeEventStore(clients[0]);
  await until(() => errors.length === 1);
  await stopping.close();
  await until(() => errors.length === 2);
  expect(errors).toEqual([expect.any(FeedCut), expect.any(FeedCut)]);
  await closeEventStore(clients[1]);
});
