import { once } from 'node:events';
import { createServer } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { EventLogUnavailable } from '../../../../domain/event-log';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { readNewest } from '../../../../infra/eventstore/lossless-events';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { unlessSilent, ReadSilent } from '../../../../infra/eventstore/unless-silent';
import { FeedCut } from '../../../../projections/reading/feed';
import { startTestEventStore, type TestEventStore } from '../../../support/event-store';
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
  return {
    url: `esdb://127.0.0.1:${(server.address() as AddressInfo).port}?tls=false`,
    sessions: () => sessions,
    close: () => server.close(),
  };
};

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
  await until(
    () =>
      log.append(stream, [newEvent()], 'no-stream').then(
        () => true,
        () => false,
      ),
    { timeoutMs: 20_000 },
  );
  await until(() => follower.events.some((event) => event.stream === stream), {
    timeoutMs: 20_000,
  });
  follower.leave();
  await closeEventStore(client);
  await proxy.close();
}, 60_000);

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
  const open = (): void => {
    feed.open('start').items$.subscribe({
      error: (error: unknown) => {
        cuts.push(error);
        open();
      },
    });
  };
  open();
  await until(() => mute.sessions() > 1);
  expect(cuts[0]).toBeInstanceOf(FeedCut);
  await closeEventStore(client);
  mute.close();
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
