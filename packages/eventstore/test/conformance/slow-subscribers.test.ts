import { connect, type ClientHttp2Session } from 'node:http2';
import { binaryEvent, EventStoreDBClient, START } from '@eventstore/db-client';
import { ReadReq, StreamIdentifier, Empty } from '../../wire/generated';
import {
  startEventStoreChild,
  usageOf,
  type EventStoreChild,
} from '../../../../test/support/event-store';
import { createDatabase, type TestDatabase } from '../../../../test/support/postgres';
import { isServersOwn } from '../../../../test/support/reading';
import { until } from '../../../../test/support/until';
import { onlyOnOurs } from '../../../../test/support/given-event-store';

const test = onlyOnOurs('it looks at the memory of the server');

let database: TestDatabase;
let child: EventStoreChild;
let client: EventStoreDBClient;
beforeAll(async () => {
  database = await createDatabase();
  child = await startEventStoreChild(database.url);
  client = EventStoreDBClient.connectionString(child.url);
});
afterAll(async () => {
  await client.dispose();
  await child.kill();
  await database.drop();
});

const data = new Uint8Array(8_000);
const batch = (size: number) =>
  Array.from({ length: size }, () => binaryEvent({ type: 'Raw', data }));

const subscribeMessage = (stream: string | undefined): Buffer => {
  const options = new ReadReq.Options()
    .setSubscription(new ReadReq.Options.SubscriptionOptions())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()))
    .setNoFilter(new Empty());
  if (stream === undefined) options.setAll(new ReadReq.Options.AllOptions().setStart(new Empty()));
  else {
    const identifier = new StreamIdentifier().setStreamName(Buffer.from(stream));
    const target = new ReadReq.Options.StreamOptions().setStreamIdentifier(identifier);
    options.setStream(target.setStart(new Empty()));
  }
  const message = Buffer.from(new ReadReq().setOptions(options).serializeBinary());
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

/** A subscription by hand whose peer never takes a byte of the answer. */
const stall = async (session: ClientHttp2Session, stream: string | undefined): Promise<void> => {
  const call = session.request({
    ':method': 'POST',
    ':path': '/event_store.client.streams.Streams/Read',
    'content-type': 'application/grpc+proto',
    te: 'trailers',
  });
  call.on('error', () => undefined);
  call.pause();
  call.end(subscribeMessage(stream));
  await new Promise((resolve) => call.once('response', resolve));
};

test('thirty stalled subscriptions cost the server bounded memory, and delay nobody', async () => {
  const streams = ['hot-0', 'hot-1', 'hot-2'];
  for (const stream of streams) await client.appendToStream(stream, batch(1));
  const session = connect(child.url.replace('esdb:', 'http:'));
  session.on('error', () => undefined);
  for (let i = 0; i < 30; i += 1) await stall(session, [undefined, ...streams][i % 4]);

  // someone who keeps up, beside them
  let seen = 0;
  const live = client.subscribeToAll({ fromPosition: START });
  live.on('data', ({ event }) => (seen += event && !isServersOwn(event.streamId) ? 1 : 0));
  const appends = 1_200;
  let next = 0;
  const write = async (): Promise<void> => {
    while (next++ < appends) await client.appendToStream(streams[next % 3] ?? 'hot-0', batch(10));
  };
  await Promise.all(Array.from({ length: 8 }, write));
  await until(() => seen === 3 + appends * 10);

  // 96 MB passed each of the thirty by; the newest 32 MB are kept once, and little more for each. What is
  // no longer used counts until it is collected, which an idle server has no reason to do soon
  await until(async () => (await usageOf(child)).buffersMb < 250, {
    what: 'the server holds little for those that do not take',
  });
  await live.unsubscribe();
  session.destroy();
});
