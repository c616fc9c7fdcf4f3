import { randomUUID } from 'node:crypto';
import {
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { Client } from 'pg';
import { startEventStoreServer } from '../../server';
import {
  startEventStoreChild,
  startTestEventStore,
  testSchema,
} from '../../../../test/support/event-store';
import { createDatabase, type TestDatabase } from '../../../../test/support/postgres';
import { until } from '../../../../test/support/until';
import { startProxy, type Proxy } from '../../../../test/support/proxy';
import { isRising, readAllEvents, readStreamEvents } from '../../../../test/support/reading';

let database: TestDatabase;
beforeEach(async () => (database = await createDatabase()));
afterEach(async () => await database.drop());

const event = (id = randomUUID()) => jsonEvent({ id, type: 'Happened', data: { text: 'x' } });
const options = (postgresUrl: string) => ({
  postgresUrl,
  schema: testSchema,
  host: '127.0.0.1',
  port: 0,
  log: () => undefined,
});

test('kill -9 under writers: nothing acknowledged is lost, the log has no gap, retries are the same append', async () => {
  type Sent = { readonly stream: string; readonly event: ReturnType<typeof event> };
  const first = await startEventStoreChild(database.url);
  const spare = EventStoreDBClient.connectionString(first.url);
  const clients = [spare, EventStoreDBClient.connectionString(first.url)];
  const acknowledged: (Sent & { readonly revision: bigint; readonly position: bigint })[] = [];
  const unanswered: Sent[] = [];

  const write = async (client: EventStoreDBClient, writer: number): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const sent = { stream: `w${writer}-${n}`, event: event() };
      try {
        const { nextExpectedRevision, position } = await client.appendToStream(
          sent.stream,
          sent.event,
          { expectedRevision: NO_STREAM },
        );
        const at = position?.commit ?? -1n;
        acknowledged.push({ ...sent, revision: nextExpectedRevision, position: at });
      } catch {
        unanswered.push(sent);
        return;
      }
    }
  };
  const writing = Array.from({ length: 32 }, (_, i) => write(clients[i % 2] ?? spare, i));
  await until(() => acknowledged.length > 1_000);
  await first.kill();
  await Promise.all(writing);
  await Promise.all(clients.map((client) => client.dispose()));

  const second = await startEventStoreChild(database.url, first.port);
  const client = EventStoreDBClient.connectionString(second.url);
  const log = await readAllEvents(client);
  expect(isRising(log.map(({ position }) => position?.commit))).toBe(true);
  const stored = new Map(log.map(({ id, position }) => [id, position?.commit]));
  expect(acknowledged.filter((sent) => stored.get(sent.event.id) !== sent.position)).toEqual([]);

  const retry = ({ stream, event: same }: Sent) =>
    client.appendToStream(stream, same, { expectedRevision: NO_STREAM });
  for (const sent of acknowledged.slice(-50)) {
    const { nextExpectedRevision, position } = await retry(sent);
    expect({ revision: nextExpectedRevision, position: position?.commit }).toEqual({
      revision: sent.revision,
      position: sent.position,
    });
  }
  await Promise.all(unanswered.map(retry));
  const after = await readAllEvents(client);
  expect(after).toHaveLength(acknowledged.length + unanswered.length);
  await client.dispose();
  await second.kill();
});

test('a retry is the same append after a restart, however long ago it was', async () => {
  const first = await startEventStoreServer(options(database.url));
  const before = EventStoreDBClient.connectionString(first.url);
  const created = [event(), event()];
  const next = event();
  const answers = [
    await before.appendToStream('old', created, { expectedRevision: NO_STREAM }),
    await before.appendToStream('old', next, { expectedRevision: 1n }),
  ];
  // more than a restart reads back into memory
  for (let i = 0; i < 11; i += 1) {
    await before.appendToStream(
      'new',
      Array.from({ length: 1_000 }, () => event()),
    );
  }
  await before.dispose();
  await first.close();

  const second = await startEventStoreServer(options(database.url));
  const after = EventStoreDBClient.connectionString(second.url);
  const retries = [
    await after.appendToStream('old', created, { expectedRevision: NO_STREAM }),
    await after.appendToStream('old', next, { expectedRevision: 1n }),
  ];
  expect(retries).toEqual(answers);
  for (const part of [
    [created[0] ?? next, event()],
    [...created, event()],
    [event(), event()],
  ]) {
    const refused = after.appendToStream('old', part, { expectedRevision: NO_STREAM });
    await expect(refused).rejects.toThrow(WrongExpectedVersionError);
  }
  await after.dispose();
  await second.close();
});

test('a second server on the same schema is refused by name, and the first goes on', async () => {
  const store = await startTestEventStore();
  await expect(startEventStoreServer(options(store.postgresUrl))).rejects.toThrow(
    'another event store server writes to schema "eventstore"',
  );
  await store.client.appendToStream('s', event());
  await store.close();
});

test('a server without Postgres does not start', async () => {
  await expect(startEventStoreServer(options('postgres://app@127.0.0.1:1/none'))).rejects.toThrow(
    'ECONNREFUSED',
  );
});

test('a server that stops ends open calls as unavailable, answers what was sent, and frees its schema', async () => {
  const store = await startTestEventStore();
  const { client, server } = store;
  const subscription = client.subscribeToAll();
  subscription.on('data', () => undefined);
  const ended = new Promise((resolve) => subscription.once('error', resolve));
  await client.appendToStream('s', event());
  const appends = Array.from({ length: 50 }, (_, i) => client.appendToStream(`s-${i}`, event()));
  await until(() => subscription.readableFlowing);
  await server.close();
  expect(await ended).toMatchObject({ type: 'unavailable' });
  const settled = await Promise.allSettled(appends);

  const again = await startEventStoreServer(options(store.postgresUrl));
  const second = EventStoreDBClient.connectionString(again.url);
  const answered = settled.filter(({ status }) => status === 'fulfilled').length;
  expect((await readAllEvents(second)).length).toBeGreaterThanOrEqual(answered + 1);
  await second.dispose();
  await again.close();
  await store.close();
});

describe('when Postgres', () => {
  let proxy: Proxy;
  let server: Awaited<ReturnType<typeof startEventStoreServer>>;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    proxy = await startProxy(database.url);
    server = await startEventStoreServer(options(proxy.url));
    client = EventStoreDBClient.connectionString(server.url);
    await client.appendToStream('before', event());
  });
  afterEach(async () => {
    await client.dispose();
    await server.close();
    await proxy.close();
  });

  const appendUntilBack = (stream: string, same = event()) =>
    until(async () => await client.appendToStream(stream, same, { expectedRevision: NO_STREAM }));

  test('is away, appends are unknown and reads unavailable; both work when it is back', async () => {
    proxy.cut();
    const refused = await client.appendToStream('s', event()).catch((e: unknown) => e);
    expect(refused).toMatchObject({ type: 'deadline-exceeded' });
    const unread = await readStreamEvents(client, 'before').catch((e: unknown) => e);
    expect(unread).toMatchObject({ type: 'unavailable' });
    proxy.heal();
    await appendUntilBack('s');
    expect(await readStreamEvents(client, 'before')).toHaveLength(1);
    const log = await readAllEvents(client);
    expect(log.map(({ streamId }) => streamId)).toEqual(['before', 's']);
  });

  test('commits but its answer is lost, the event is in the log once and its retry is the same append', async () => {
    // the head is known, so that the append needs no answer but that of the commit
    const { position: seen } = await client.appendToStream('known', event());
    if (!seen) throw new Error('an append of events has a position');
    const subscription = client.subscribeToAll({ fromPosition: seen });
    const live: string[] = [];
    subscription.on('data', ({ event: read }) => live.push(read?.id ?? ''));
    await new Promise((resolve) => subscription.once('caughtUp', resolve));

    const lost = event();
    proxy.muteAnswers();
    const answer = client
      .appendToStream('known', lost, { expectedRevision: 0n })
      .catch((e: unknown) => e);
    const direct = new Client({ connectionString: database.url });
    await direct.connect();
    await until(async () => {
      const { rows } = await direct.query(`select from ${testSchema}.events where event_id = $1`, [
        lost.id,
      ]);
      return rows.length === 1;
    });
    await direct.end();
    proxy.cut();
    expect(await answer).toMatchObject({ type: 'deadline-exceeded' });
    proxy.heal();

    const again = await until(() => client.appendToStream('known', lost, { expectedRevision: 0n }));
    expect(again.nextExpectedRevision).toBe(1n);
    expect(again.position?.commit).toBeGreaterThan(seen.commit);
    const next = event();
    await client.appendToStream('known', next, { expectedRevision: 1n });
    expect(await readAllEvents(client)).toHaveLength(4);
    await until(() => live.length >= 2);
    expect(live).toEqual([lost.id, next.id]);
    await subscription.unsubscribe();
  });

  test('never hears of a commit, its retry is stored and the log has no gap', async () => {
    const { position: seen } = await client.appendToStream('known', event(), {
      expectedRevision: NO_STREAM,
    });
    proxy.muteRequests();
    const lost = event();
    let isAnswered = false;
    const answer = client
      .appendToStream('known', lost, { expectedRevision: 0n })
      .catch((e: unknown) => e)
      .finally(() => (isAnswered = true));
    await until(() => proxy.mutedBytes() > 0);
    expect(isAnswered).toBe(false);
    proxy.cut();
    expect(await answer).toMatchObject({ type: 'deadline-exceeded' });
    proxy.heal();
    const stored = await until(() =>
      client.appendToStream('known', lost, { expectedRevision: 0n }),
    );
    expect(stored.nextExpectedRevision).toBe(1n);
    expect(stored.position?.commit).toBeGreaterThan(seen?.commit ?? 0n);
    expect(await readAllEvents(client)).toHaveLength(3);
  });

  test('ends the server’s sessions, it opens new ones by itself', async () => {
    const direct = new Client({ connectionString: database.url });
    await direct.connect();
    await direct.query(
      `select pg_terminate_backend(pid) from pg_stat_activity 
        where datname = current_database() and application_name like 'event store%'`,
    );
    await direct.end();
    await appendUntilBack('s');
    expect(await until(() => readStreamEvents(client, 's'))).toHaveLength(1);
  });
});
