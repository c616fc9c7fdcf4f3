import { once } from 'node:events';
import { createServer } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { EventLogUnavailable } from '../../../../domain/event-log';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { readNewest } from '../../../../infra/eventstore/lossless-events';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { unlessSilent, ReadSilent } from '../../../../infra/eventstore/unless-silent';
import { FeedCut } from '../../../../projections/reading/feed';
import { freePort } from '../../../support/free-port';
import { startTestEventStore, type TestEventStore } from '../../../support/event-store';
import { startFaultProxy } from '../../../support/fault-proxy';
import { newEvent } from '../../../support/new-event';
import { until } from '../../../support/until';
import { startProxy } from '../../../support/proxy';
import { followAcrossCuts } from './following';
import { plainStreams } from '../../../support/names';

// every wait for a server has an end, after which the connection is made anew

const jobStream = (): string => `job-${randomUUID()}`;

let store: TestEventStore;
beforeAll(async () => {
  store = await startTestEventStore();
});
afterAll(() => store.close());

/** Takes connections and calls, and answers no call. */
const startMute = async () => {
  let sessions = 0;
  const server = createServer();
  server.on('session', () => (sessions += 1));
  server.on('stream', (stream) => stream.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `esdb://127.0.0.1:${port}?tls=false`,
    sessions: () => sessions,
    close: () => server.close(),
  };
};

const seedsUrl = (ports: readonly number[], more = ''): string =>
  `esdb://${ports.map((port) => `127.0.0.1:${port}`).join(',')}?tls=false${more}`;

test('a path that was lost while a client connected anew is found again: it does not wait for the first frame for ever', async () => {
  const proxy = await startProxy(store.server.url);
  const client = openEventStore(proxy.url);
  const log = eventStoreLog(client, plainStreams);
  const begin = await log.append(jobStream(), [newEvent()], 'no-stream');
  if (begin.outcome === 'conflict') throw new Error('nobody else writes here');
  const follower = followAcrossCuts(eventStoreFeed(client, plainStreams), begin.position);
  const mutedBefore = proxy.mutedBytes();

  proxy.cut();
  proxy.heal();
  proxy.muteRequests();
  await until(async () => {
    await log.read(jobStream()).catch(() => undefined);
    return proxy.mutedBytes() > mutedBefore;
  });
  proxy.heal();

  const stream = jobStream();
  await until(() =>
    log.append(stream, [newEvent()], 'no-stream').then(
      () => true,
      () => false,
    ),
  );
  await until(() => follower.events.some((event) => event.stream === stream));
  follower.leave();
  await closeEventStore(client);
  await proxy.close();
});

test('a connection that is accepted and never answered fails what waits for it, so that another node is looked for', async () => {
  const connections: Socket[] = [];
  const server = createTcpServer((socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = openEventStore(`esdb://127.0.0.1:${port}?tls=false`);
  await expect(readNewest(client)).rejects.toMatchObject({ type: 'unavailable' });
  await until(async () => {
    await readNewest(client).catch(() => undefined);
    return connections.length > 1;
  });
  await closeEventStore(client);
  for (const socket of connections) socket.destroy();
  server.close();
});

test('a server that answers no question is left for another connection, and a command says that nothing was done', async () => {
  const mute = await startMute();
  const client = openEventStore(mute.url);
  const log = eventStoreLog(client, plainStreams);
  await expect(log.append(jobStream(), [newEvent()], 'no-stream')).rejects.toBeInstanceOf(
    EventLogUnavailable,
  );
  expect(mute.sessions()).toBeGreaterThan(1);
  await closeEventStore(client);
  mute.close();
});

test('a feed that is not confirmed is cut, and opened again over another connection', async () => {
  const mute = await startMute();
  const client = openEventStore(mute.url);
  const feed = eventStoreFeed(client, plainStreams, { confirmWithinMs: 300 });
  const cuts: unknown[] = [];
  let isOver = false; // or it would be opened anew, and cut at once, for as long as the worker lives
  const open = (): void => {
    feed.open('start').items$.subscribe({
      error: (error: unknown) => {
        cuts.push(error);
        if (!isOver) open();
      },
    });
  };
  open();
  await until(() => mute.sessions() > 1);
  expect(cuts[0]).toBeInstanceOf(FeedCut);
  isOver = true;
  await closeEventStore(client);
  mute.close();
});

/** The nodes that a client has gone to, one after the other. */
const wayOf = (client: EventStoreDBClient): readonly string[] => {
  const inside = client as unknown as { resolveUri: () => Promise<string> }; // protected in its types
  const { resolveUri } = inside;
  const way: string[] = [];
  inside.resolveUri = async () => {
    const node = await resolveUri();
    way.push(node);
    return node;
  };
  return way;
};

/** Of a client that gives the frozen one another chance after some seconds; one that never learns goes there each time. */
const MOST_VISITS = 8;

test('with three seeds, one of them a frozen leader that another still names, each of seventeen new clients finds the new one, and most go to the frozen one only once', async () => {
  const frozen = await startMute();
  // a follower that has not heard of the new leader, as gossip in an election is late
  const behind = await startTestEventStore({
    advertise: { host: '127.0.0.1', port: frozen.port },
  });
  // the new one is slower to answer: all are sent to the frozen one first
  const leader = await startFaultProxy(store.server.port);
  leader.delay(200);
  const url = seedsUrl([frozen.port, behind.server.port, leader.port]);
  const clients = Array.from({ length: 17 }, () => openEventStore(url));
  const ways = clients.map(wayOf);
  await Promise.all(
    clients.map((client) => {
      const log = eventStoreLog(client, plainStreams);
      return until(() => log.append(jobStream(), [newEvent()], 'no-stream').catch(() => false), {
        what: 'a new client has found the leader',
      });
    }),
  );
  const toFrozen = (way: readonly string[]) =>
    way.filter((node) => node === `127.0.0.1:${frozen.port}`).length;
  // on a busy machine the new one is silent for longer than a client waits, now and then
  const onlyOnce = ways.filter((way) => toFrozen(way) === 1);
  expect(onlyOnce.length).toBeGreaterThan(clients.length / 2);
  for (const way of ways) expect(toFrozen(way)).toBeLessThan(MOST_VISITS);
  await Promise.all(clients.map(closeEventStore));
  await leader.close();
  await behind.close();
  frozen.close();
});

test('the node that was found while a call waited for a frozen one is not left for the silence of that one', async () => {
  const frozen = await startMute();
  const behind = await startTestEventStore({
    advertise: { host: '127.0.0.1', port: frozen.port },
  });
  const leader = await startFaultProxy(store.server.port);
  const ahead = await startTestEventStore({
    advertise: { host: '127.0.0.1', port: leader.port },
  });
  // it names the leader later than the other names the frozen one, so all go there first
  const path = await startFaultProxy(ahead.server.port);
  path.delay(50);
  leader.delay(400);
  const client = openEventStore(seedsUrl([behind.server.port, path.port]));
  const way = wayOf(client);
  // ends when the frozen one has been left, and before the leader, that far away, can answer
  const log = eventStoreLog(client, plainStreams, { deadlineMs: 4_600 });
  await until(() => log.append(jobStream(), [newEvent()], 'no-stream').catch(() => false), {
    what: 'it has found the leader',
  });
  expect(way).toEqual([`127.0.0.1:${frozen.port}`, `127.0.0.1:${leader.port}`]);
  await closeEventStore(client);
  for (const one of [path, leader, ahead, behind]) await one.close();
  frozen.close();
});

test('a search for a node that takes longer than anybody waits finds one all the same: who gave up does not begin it anew', async () => {
  const slow = await startTestEventStore({
    advertise: { host: '127.0.0.1', port: store.server.port },
  });
  const path = await startFaultProxy(slow.server.port);
  path.delay(500);
  const client = openEventStore(seedsUrl([path.port, 1], '&gossipTimeout=30'));
  const log = eventStoreLog(client, plainStreams, { deadlineMs: 400, tryMs: 200 });
  const stream = jobStream();
  let givenUp = 0;
  await until(
    () =>
      log.append(stream, [newEvent()], 'no-stream').catch(() => {
        givenUp += 1;
        return false;
      }),
    { what: 'the client has found a node' },
  );
  expect(givenUp).toBeGreaterThan(1);
  await closeEventStore(client);
  await path.close();
  await slow.close();
});

test('appends go on when nodes are back of which none was there for the first question, also beside reads that are answered', async () => {
  const ports = [await freePort(), await freePort()];
  const client = openEventStore(seedsUrl(ports, '&maxDiscoverAttempts=1'));
  const log = eventStoreLog(client, plainStreams, { deadlineMs: 2_000 });
  const stream = jobStream();
  await expect(log.append(stream, [newEvent()], 'no-stream')).rejects.toBeInstanceOf(
    EventLogUnavailable,
  );
  const back = await startTestEventStore({ port: ports[0] ?? 0 });
  await until(() => log.read(stream));
  let isOver = false;
  const reading = (async () => {
    while (!isOver) await log.read(stream);
  })();
  await until(() => log.append(stream, [newEvent()], 'no-stream').catch(() => false), {
    what: 'an append is taken',
  });
  isOver = true;
  await reading;
  await closeEventStore(client);
  await back.close();
});

test('a client whose server never answers can be closed at once', async () => {
  const mute = await startMute();
  const client = openEventStore(mute.url);
  const reading = readNewest(client).catch(() => undefined);
  await until(() => mute.sessions() > 0);
  await closeEventStore(client);
  await reading;
  mute.close();
});

test('a read that has begun and falls silent ends with an error; a slow reader is no silence', async () => {
  let fail: (error: Error) => void = () => undefined;
  async function* pieces(): AsyncGenerator<number> {
    yield 1;
    yield await new Promise<number>((_, reject) => (fail = reject));
  }
  const seen: number[] = [];
  const reading = (async () => {
    for await (const piece of unlessSilent(pieces(), (error) => fail(error), 100)) {
      seen.push(piece);
      const since = Date.now();
      await until(() => Date.now() - since > 250);
    }
  })();
  await expect(reading).rejects.toBeInstanceOf(ReadSilent);
  expect(seen).toEqual([1]);
});
