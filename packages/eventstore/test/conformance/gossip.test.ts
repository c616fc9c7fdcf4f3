import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { SupportedMethods } from '../../wire/generated';
import {
  openStoreUnderTest,
  startStrictEventStore,
  type StoreUnderTest,
} from '../../../../test/support/event-store';
import { givenEventStoreUrl, onlyOnOurs } from '../../../../test/support/given-event-store';
import { frame, openRawAt, rawCall } from '../../../../test/support/raw-grpc';
import { until } from '../../../../test/support/until';

let store: StoreUnderTest;
const clients: EventStoreDBClient[] = [];
const open = (url: string): EventStoreDBClient => {
  const client = EventStoreDBClient.connectionString(url);
  clients.push(client);
  return client;
};
beforeAll(async () => {
  store = await openStoreUnderTest();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await store.close();
});

const event = () => jsonEvent({ type: 'Happened', data: { text: 'x' } });
const named = (text: string): string => `${text}-${randomUUID()}`;
const countOf = async (events: AsyncIterable<unknown>): Promise<number> => {
  let count = 0;
  for await (const _ of events) count += 1;
  return count;
};
/** The connection string of the store taken apart: user, hosts, parameters. */
const partsOfUrl = () => {
  const [, user = '', hosts = '', parameters = ''] =
    /^[^:]+:\/\/(.*@)?([^?/]+)\/?(?:\?(.*))?$/.exec(store.url) ?? [];
  return { user, hosts, parameters };
};

test.each(['leader', 'follower', 'random', 'readOnlyReplica'])(
  'esdb+discover finds the one node there is, also for who would rather have a %s',
  async (preference) => {
    const { user, hosts, parameters } = partsOfUrl();
    const client = open(
      `esdb+discover://${user}${hosts}?${parameters}&nodePreference=${preference}`,
    );
    await client.appendToStream(named(`discovered-${preference}`), event());
  },
);

test('of several hosts the one that answers is found', async () => {
  const { user, hosts, parameters } = partsOfUrl();
  const client = open(`esdb://${user}127.0.0.1:1,${hosts},127.0.0.1:2?${parameters}`);
  await client.appendToStream(named('several'), event());
});

test('what asks for the leader is served: this node is it', async () => {
  const requiresLeader = { requiresLeader: true };
  const stream = named('leading');
  await store.client.appendToStream(stream, event(), requiresLeader);
  expect(await countOf(store.client.readStream(stream, requiresLeader))).toBe(1);
  await store.client.deleteStream(stream, requiresLeader);
});

onlyOnOurs('it needs an address of its own')(
  'a node that is told its address tells that one, for a proxy may stand before it',
  async () => {
    const behind = await startStrictEventStore();
    const { port } = behind.server;
    const front = await startStrictEventStore({ advertise: { host: '127.0.0.1', port } });
    const client = open(`esdb+discover://localhost:${front.server.port}?tls=false`);
    await client.appendToStream('elsewhere', event());
    expect(await countOf(behind.client.readStream('elsewhere'))).toBe(1);
    await front.close();
    await behind.close();
  },
);

onlyOnOurs('it is restarted')(
  'a client finds the node again after its restart, by gossip',
  async () => {
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
  },
);

test('the features name every service and method that is served, in lower case, and a version', async () => {
  const { session, headers } = openRawAt(store.url);
  const path = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';
  const { body } = await rawCall(session, { path, body: frame(Buffer.alloc(0)), headers });
  session.close();
  const features = SupportedMethods.deserializeBinary(body.subarray(5));
  expect(features.getEventStoreServerVersion()).toMatch(/^2[3-9]\.\d+\.\d+$/);
  const listed = features
    .getMethodsList()
    .map((method) => `${method.getServiceName()}/${method.getMethodName()}`);
  const streams = ['read', 'append', 'batchappend', 'delete', 'tombstone'];
  const served = [
    ...streams.map((method) => `event_store.client.streams.streams/${method}`),
    'event_store.client.gossip.gossip/read',
    'event_store.client.server_features.serverfeatures/getsupportedmethods',
  ];
  const expected = [...served].sort();
  if (givenEventStoreUrl === undefined) expect([...listed].sort()).toEqual(expected);
  else expect(listed).toEqual(expect.arrayContaining(expected)); // a real one serves more
});
