import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import type { FeedItem } from '../../../../projections/reading/feed';
import type { TestEventStore } from '../../../support/event-store';
import { startTestEventStore } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import { until } from '../../../support/until';
import { openCalls } from './open-calls';
import { plainStreams } from '../../../support/names';

const EVENTS = 5_000;
const EVENT_BYTES = 2_000;

let store: TestEventStore;
beforeAll(async () => {
  store = await startTestEventStore();
  const log = eventStoreLog(store.client, plainStreams);
  const batch = () =>
    Array.from({ length: 250 }, () => newEvent({ text: 'x'.repeat(EVENT_BYTES) }));
  for (let n = 0; n < EVENTS; n += 250) await log.append(`job-${randomUUID()}`, batch(), 'any');
});
afterAll(async () => {
  await store.close();
});

/** Passes bytes on to the server and back, and counts those that come back. */
const startCounter = async () => {
  let bytes = 0;
  const proxy = createServer((incoming) => {
    const upstream = connect(store.server.port, '127.0.0.1');
    upstream.on('data', (chunk: Buffer) => (bytes += chunk.length));
    upstream.on('error', () => incoming.destroy());
    incoming.on('error', () => upstream.destroy());
    incoming.pipe(upstream).pipe(incoming);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    bytes: () => bytes,
    close: () => proxy.close(),
  };
};

/** Waits until a number has stopped growing, and gives it. */
const settled = async (value: () => number): Promise<number> => {
  let last = -1;
  await until(async () => {
    const before = value();
    await new Promise((resolve) => setTimeout(resolve, 100));
    last = value();
    return before === last;
  });
  return last;
};

test('a paused feed holds the server back, so that a slow projector costs no memory', async () => {
  const counter = await startCounter();
  const client = openEventStore(counter.url);
  const { items$, pause, resume } = eventStoreFeed(client, plainStreams).open('start');
  const items: FeedItem[] = [];
  const subscription = items$.subscribe((item) => {
    items.push(item);
    if (items.length === 10) pause();
  });
  await until(() => items.length >= 10);
  expect(await settled(counter.bytes)).toBeLessThan((EVENTS * EVENT_BYTES) / 4);
  expect(items).toHaveLength(10);

  resume();
  await until(() => items.filter(({ kind }) => kind === 'event').length === EVENTS);
  subscription.unsubscribe();
  await closeEventStore(client);
  counter.close();
});

test('a feed that was left ends its call, at once or half-way, so that no server goes on sending', async () => {
  const client = openEventStore(store.server.url);
  const { items$ } = eventStoreFeed(client, plainStreams).open('start');
  items$.subscribe().unsubscribe();
  let seen = 0;
  const halfWay = items$.subscribe(() => {
    seen += 1;
    if (seen === 100) halfWay.unsubscribe();
  });
  await until(() => seen >= 100);
  await until(() => openCalls(client) === 0);
  expect(seen).toBe(100);
  await closeEventStore(client);
});
