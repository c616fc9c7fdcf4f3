import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { SupportedMethods } from '../../wire/generated';
import { startStrictEventStore, type TestEventStore } from '../../../../test/support/event-store';
import { frame, openRaw, rawCall } from '../../../../test/support/raw-grpc';
import { until } from '../../../../test/support/until';

let store: TestEventStore;
const clients: EventStoreDBClient[] = [];
const open = (url: string): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(url);
  clients.push(client);
  return client;
};
beforeAll(async () => {
  store = await startStrictEventStore();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await store.close();
});

const event = () => jsonEvent({ type: 'Happened', data: { text: 'x' } });

test.each(['leader', 'follower', 'random', 'readOnlyReplica'])(
  'esdb+discover finds the one node there is, also for who would rather have a %s',
  async (preference) => {
    const { port } = store.server;
    const client = open(`esdb+discover://localhost:${port}?tls=false&nodePreference=${preference}`);
    await client.appendToStream(`discovered-${preference}`, event());
  },
);

test('of several hosts the one that answers is found', async () => {
  const client = open(`esdb://127.0.0.1:1,localhost:${store.server.port},127.0.0.1:2?tls=false`);
  await client.appendToStream('several', event());
});

test('what asks for the leader is served: this node is it', async () => {
  const requiresLeader = { requiresLeader: true };
  await store.client.appendToStream('leading', event(), requiresLeader);
  const read = store.client.readStream('leading', requiresLeader);
  let count = 0;
  for await (const _ of read) count += 1;
  expect(count).toBe(1);
  await store.client.deleteStream('leading', requiresLeader);
});

test('a node that is told its address tells that one, for a proxy may stand before it', async () => {
  const { port } = store.server;
  const front = await startStrictEventStore({ advertise: { host: '127.0.0.1', port } });
  const client = open(`esdb+discover://localhost:${front.server.port}?tls=false`);
  await client.appendToStream('elsewhere', event());
  let count = 0;
  for await (const _ of store.client.readStream('elsewhere')) count += 1;
  expect(count).toBe(1);
  await front.close();
});

test('a client finds the node again after its restart, by gossip', async () => {
  const first = await startStrictEventStore();
  const { port } = first.server;
  const client = open(`esdb+discover://localhost:${port}?tls=false`);
  await client.appendToStream('s', event());
  await first.close();
  // by Append: a client whose question for the features fails in discovery never asks again
  const own = { credentials: { username: 'any', password: 'body' } };
  await expect(client.appendToStream('s', event(), own)).rejects.toThrow();
  const second = await startStrictEventStore({ port });
  await until(() => client.appendToStream('s', event(), own));
  await second.close();
});

test('the features name every service and method that is served, in lower case, and a version', async () => {
  const session = openRaw(store.server.port);
  const path = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';
  const { body } = await rawCall(session, { path, body: frame(Buffer.alloc(0)) });
  session.close();
  const features = SupportedMethods.deserializeBinary(body.subarray(5));
  expect(features.getEventStoreServerVersion()).toMatch(/^2[3-9]\.\d+\.\d+$/);
  const listed = features
    .getMethodsList()
    .map((method) => `${method.getServiceName()}/${method.getMethodName()}`);
  const streams = ['read', 'append', 'batchappend', 'delete', 'tombstone'];
  expect(listed).toEqual([
    ...streams.map((method) => `event_store.client.streams.streams/${method}`),
    'event_store.client.gossip.gossip/read',
    'event_store.client.server_features.serverfeatures/getsupportedmethods',
  ]);
});
