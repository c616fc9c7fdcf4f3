import {
  DeadlineExceededError,
  EventStoreDBClient,
  jsonEvent,
  StreamNotFoundError,
  UnavailableError,
} from '@eventstore/db-client';
import { startProxy, type Proxy } from '../../../../test/support/proxy';
import { readAllEvents, readStreamEvents } from '../../../../test/support/reading';
import {
  startStrictEventStore,
  testSchema,
  type TestEventStore,
} from '../../../../test/support/event-store';
import { createDatabase, type TestDatabase } from '../../../../test/support/postgres';
import { startEventStoreServer } from '../../server';
import { until } from '../../../../test/support/until';
import { onlyOnOurs } from '../../../../test/support/given-event-store';

const test = onlyOnOurs('it stops the server or its storage, or counts its open calls');

const event = (text = 'x') => jsonEvent({ type: 'Happened', data: { text } });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('a call that its client gives up', () => {
  let store: TestEventStore;
  beforeAll(async () => {
    store = await startStrictEventStore();
    // more than all buffers between server and client hold
    for (let i = 0; i < 5; i += 1) {
      const events = Array.from({ length: 10 }, () => event('x'.repeat(100_000)));
      await store.client.appendToStream('long', events);
    }
  });
  afterAll(async () => await store.close());

  /** The batch stream of the client, which stays open. */
  const ownCalls = 1;
  const noneLeft = () => until(() => store.server.usage().calls === ownCalls);

  test.each([
    ['live subscriptions', () => store.client.subscribeToAll({ fromPosition: 'end' })],
    ['subscriptions that catch up', () => store.client.subscribeToAll({ fromPosition: 'start' })],
    ['subscriptions to a stream', () => store.client.subscribeToStream('long')],
    [
      'filtered subscriptions',
      () =>
        store.client.subscribeToAll({
          filter: { filterOn: 'streamName', prefixes: ['no'], checkpointInterval: 1 },
        }),
    ],
  ])('%s: none is left on the server once they unsubscribe', async (_, subscribe) => {
    const subscriptions = Array.from({ length: 20 }, () => subscribe());
    for (const subscription of subscriptions) subscription.on('error', () => undefined);
    await until(() => store.server.usage().calls === ownCalls + 20);
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
    await noneLeft();
  });

  test('a loop that is left early ends its call once the client lets it go', async () => {
    const client = EventStoreDBClient.connectionString(store.server.url);
    const subscription = client.subscribeToStream('long');
    for await (const _ of subscription) break;
    await subscription.unsubscribe(); // the client does not do so by itself
    await noneLeft();
    await client.dispose();
  });

  test('reads that are cancelled half-way are over on the server too', async () => {
    const reads = Array.from({ length: 10 }, () => store.client.readStream('long'));
    for (const read of reads) read.on('error', () => undefined);
    await Promise.all(reads.map((read) => new Promise((resolve) => read.once('data', resolve))));
    await Promise.all(reads.map((read) => read.cancel()));
    await noneLeft();
  });

  test('a client that goes away leaves no call', async () => {
    const client = EventStoreDBClient.connectionString(store.server.url);
    client.subscribeToAll().on('error', () => undefined);
    client.subscribeToStream('long').on('error', () => undefined);
    await client.appendToStream('other', event());
    await until(() => store.server.usage().calls >= ownCalls + 3);
    await client.dispose();
    await noneLeft();
  });
});

describe('a deadline', () => {
  let database: TestDatabase;
  let proxy: Proxy;
  let server: Awaited<ReturnType<typeof startEventStoreServer>>;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    database = await createDatabase();
    proxy = await startProxy(database.url);
    server = await startEventStoreServer({
      postgresUrl: proxy.url,
      schema: testSchema,
      host: '127.0.0.1',
      port: 0,
      like: '23.10',
      log: () => undefined,
    });
    client = EventStoreDBClient.connectionString(server.url);
    await client.appendToStream('known', event());
  });
  afterEach(async () => {
    proxy.cut();
    proxy.heal();
    await client.dispose();
    await server.close();
    await proxy.close();
    await database.drop();
  });

  test('that has passed already: the append is not stored', async () => {
    const late = await failure(client.appendToStream('late', event(), { deadline: -1_000 }));
    expect(late).toBeInstanceOf(DeadlineExceededError);
    expect(await failure(readStreamEvents(client, 'late'))).toBeInstanceOf(StreamNotFoundError);
    await client.appendToStream('known', event()); // the channel lives on
  });

  test('that passes while the storage hangs ends the append as unknown, and the others wait on', async () => {
    proxy.muteAnswers();
    const patient = failure(client.appendToStream('known', event('patient'), { deadline: 60_000 }));
    let isAnswered = false;
    void patient.finally(() => (isAnswered = true));
    const hasty = await failure(client.appendToStream('known', event('hasty'), { deadline: 100 }));
    expect(hasty).toBeInstanceOf(DeadlineExceededError);
    expect(isAnswered).toBe(false);
    proxy.cut();
    expect(await patient).toBeInstanceOf(DeadlineExceededError);
    proxy.heal();
    const log = await until(() => readAllEvents(client));
    expect(log.length).toBeLessThanOrEqual(3);
  });

  test.each(['deleteStream', 'tombstoneStream'] as const)(
    'of a %s that passes while the storage hangs ends the call',
    async (method) => {
      proxy.muteAnswers();
      const error = await failure(client[method]('known', { deadline: 200 }));
      expect(error).toBeInstanceOf(DeadlineExceededError);
    },
  );
});

describe('an orderly stop', () => {
  test('ends every open call as unavailable, and the client says so; it is over at once', async () => {
    const store = await startStrictEventStore();
    const { client, server } = store;
    await client.appendToStream('s', event());
    const ended = [client.subscribeToAll(), client.subscribeToStream('s')].map(
      (subscription) =>
        new Promise((resolve) => {
          subscription.on('data', () => undefined);
          subscription.once('error', resolve);
        }),
    );
    await until(() => server.usage().calls === 3);
    await server.close();
    for (const error of await Promise.all(ended)) {
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ type: 'unavailable' });
    }
    expect(server.usage()).toEqual({ sessions: 0, calls: 0 });
    await store.close();
  });

  test('answers the appends under way before it ends their call', async () => {
    const store = await startStrictEventStore();
    const { client, server } = store;
    const stream = (i: number): string => `s-${i}`;
    await client.appendToStream('first', event());
    const appends = Array.from({ length: 300 }, (_, i) =>
      client.appendToStream(stream(i), event()),
    );
    const settling = Promise.allSettled(appends);
    await appends[0];
    await server.close();
    const settled = await settling;
    const types = new Set(
      settled.flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as { type: string }).type] : [],
      ),
    );
    types.delete('unavailable');
    types.delete('deadline-exceeded');
    expect([...types]).toEqual([]);
    const answered = settled.flatMap(({ status }, i) =>
      status === 'fulfilled' ? [stream(i)] : [],
    );
    expect(answered.length).toBeGreaterThan(0);

    const again = await startEventStoreServer({
      postgresUrl: store.postgresUrl,
      schema: testSchema,
      host: '127.0.0.1',
      port: 0,
      like: '23.10',
      log: () => undefined,
    });
    const reader = EventStoreDBClient.connectionString(again.url);
    const stored = new Set((await readAllEvents(reader)).map(({ streamId }) => streamId));
    expect(answered.filter((name) => !stored.has(name))).toEqual([]);
    await reader.dispose();
    await again.close();
    await store.close();
  });

  test('does not wait for who does not read', async () => {
    const store = await startStrictEventStore();
    const { client, server } = store;
    for (let i = 0; i < 5; i += 1)
      await client.appendToStream(
        'long',
        Array.from({ length: 10 }, () => event('x'.repeat(100_000))),
      );
    const stalled = client.subscribeToAll();
    stalled.on('error', () => undefined);
    await until(() => server.usage().calls === 2);
    await server.close();
    expect(server.usage()).toEqual({ sessions: 0, calls: 0 });
    await store.close();
  });
});
