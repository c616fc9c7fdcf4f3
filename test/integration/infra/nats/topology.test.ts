import { nanos } from 'nats';
import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { dueQueue } from '../../../../infra/nats/due-queue';
import { ensureDueStream } from '../../../../infra/nats/topology';
import { ownNats, type TestNats } from '../../../support/nats';
import { until } from '../../../support/until';
import { plainBroker } from '../../../support/names';

let nats: TestNats;
let broker: Broker;
const maxBytes = 64 * 1024 ** 2;

beforeEach(async () => {
  nats = await ownNats();
  broker = await connectBroker({ url: nats.url, name: 'topology-test' });
});

afterEach(async () => {
  await broker.close();
  await nats.dispose();
});

const info = async () => {
  const manager = await broker.connection.jetstreamManager();
  return await manager.streams.info(plainBroker.stream);
};

test('the stream is a work queue on disk that refuses when it is full, so that nothing is dropped silently', async () => {
  await ensureDueStream(broker.connection, plainBroker, { maxBytes });
  expect((await info()).config).toMatchObject({
    subjects: ['jobs.due.*.*'],
    retention: 'workqueue',
    storage: 'file',
    discard: 'new',
    max_bytes: maxBytes,
    duplicate_window: nanos(120_000),
  });
});

test('programs that start at once make one stream, and its making is told as the same to all', async () => {
  const made = await Promise.all(
    Array.from({ length: 8 }, () => ensureDueStream(broker.connection, plainBroker, { maxBytes })),
  );
  expect(new Set(made).size).toBe(1);
});

test('another limit changes the stream and keeps its messages', async () => {
  const made = await ensureDueStream(broker.connection, plainBroker, { maxBytes });
  await broker.connection.jetstream().publish('jobs.due.default.j1', 'kept');
  expect(await ensureDueStream(broker.connection, plainBroker, { maxBytes: 2 * maxBytes })).toBe(
    made,
  );
  const { config, state } = await info();
  expect([config.max_bytes, state.messages]).toEqual([2 * maxBytes, 1]);
});

test('a broker that lost its store gets stream and consumer back, and tells that it is a new stream', async () => {
  const ensureStream = () => ensureDueStream(broker.connection, plainBroker, { maxBytes });
  const queue = dueQueue({
    broker,
    names: plainBroker,
    queue: 'default',
    ensureStream,
  });
  await queue.ensure();
  const made = await ensureStream();

  await nats.kill();
  await nats.loseStore();
  await nats.start();
  await until(() => broker.isConnected(), { what: 'it is connected again' });
  await queue.ensure();
  expect(await ensureStream()).not.toBe(made);

  await broker.connection.jetstream().publish('jobs.due.default.j1', 'after');
  const texts: string[] = [];
  queue.pull(1, 30_000, (message) => {
    texts.push(new TextDecoder().decode(message.data));
    message.ack();
  });
  await until(() => texts.length === 1, { what: 'a message goes through' });
  expect(texts).toEqual(['after']);
});
