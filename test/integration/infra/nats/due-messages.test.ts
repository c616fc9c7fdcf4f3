import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { jobDueMessages, type JobDueMessages } from '../../../../infra/nats/due-messages';
import { publisher, PublishOutcomeUnknown, PublishRefused } from '../../../../infra/nats/publisher';
import { ensureDueStream } from '../../../../infra/nats/topology';
import { ownNats, type TestNats } from '../../../support/nats';
import { until } from '../../../support/until';
import { plainBroker } from '../../../support/names';

let nats: TestNats;
let broker: Broker;
let messages: JobDueMessages;
const maxBytes = 64 * 1024;
const settings = { maxBytes, publishTimeoutMs: 60_000 };

beforeEach(async () => {
  nats = await ownNats();
  broker = await connectBroker({ url: nats.url, name: 'messages-test' });
  await ensureDueStream(broker.connection, plainBroker, settings);
  messages = jobDueMessages(broker.connection, plainBroker, settings);
});

afterEach(async () => {
  await broker.close();
  await nats.dispose();
});

const stored = async (): Promise<number> => {
  const manager = await broker.connection.jetstreamManager();
  return (await manager.streams.info(plainBroker.stream)).state.messages;
};

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('the same message id again is stored once, so that a publish may be retried blindly', async () => {
  await messages.publish('default', 'j1', 'j1/1/1', 'text');
  await messages.publish('default', 'j1', 'j1/1/1', 'text');
  expect(await stored()).toBe(1);
  const { publish } = publisher(broker.connection);
  expect(await publish('jobs.due.default.j1', 'text', 'j1/1/1')).toEqual({ duplicate: true });
  expect(await publish('jobs.due.default.j1', 'text', 'j1/1/2')).toEqual({ duplicate: false });
});

test('a broker that does not answer leaves the outcome unknown, and the retry after it stores one message', async () => {
  const impatient = jobDueMessages(broker.connection, plainBroker, {
    ...settings,
    publishTimeoutMs: 300,
  });
  nats.pause();
  // the stop reaches each thread of the broker in its own time: one more answer may come
  const error = await until(() => failureOf(impatient.publish('default', 'j1', 'j1/1/1', 'text')));
  nats.resume();
  expect(error).toBeInstanceOf(PublishOutcomeUnknown);
  expect(messages.hopelessness(error)).toBeUndefined();
  await until(() => messages.publish('default', 'j1', 'j1/1/1', 'text').then(() => true));
  expect(await stored()).toBe(1);
});

test('a full stream refuses, and takes the same message when there is room again', async () => {
  const text = 'x'.repeat(10 * 1024);
  let error: unknown;
  for (let i = 0; error === undefined && i < 100; i++)
    error = await failureOf(messages.publish('default', `j${i}`, `j${i}/1/1`, text));
  expect(error).toBeInstanceOf(PublishRefused);
  expect(error).toMatchObject({ reason: 'full' });
  expect(messages.hopelessness(error)).toBeUndefined();

  const manager = await broker.connection.jetstreamManager();
  await manager.streams.purge(plainBroker.stream);
  await messages.publish('default', 'late', 'late/1/1', text);
  expect(await stored()).toBe(1);
});

test('a stream that is gone is made again by the publishes that miss it', async () => {
  const made = await messages.incarnation();
  await nats.kill();
  await nats.loseStore();
  await nats.start();
  await until(() => broker.isConnected(), { what: 'it is connected again' });
  const error = await failureOf(messages.publish('default', 'j1', 'j1/1/1', 'text'));
  expect(error).toMatchObject({ reason: 'no-stream' });
  await until(() => messages.publish('default', 'j1', 'j1/1/1', 'text').then(() => true));
  expect(await stored()).toBe(1);
  expect(await messages.incarnation()).not.toBe(made);
});

test('a message that no retry will bring through is told apart from one that may', async () => {
  const large = await failureOf(
    messages.publish('default', 'j1', 'j1/1/1', 'x'.repeat(2 * 1024 ** 2)),
  );
  expect(large).toMatchObject({ reason: 'too-large' });
  expect(messages.hopelessness(large)).toEqual({
    code: 'message-too-large',
    message:
      'the message of the job is larger than the broker takes: it has 2097152 bytes, and max_payload is 1048576',
  });
  const nameless = await failureOf(messages.publish('no queue', 'j1', 'j1/1/1', 'text'));
  expect(messages.hopelessness(nameless)).toMatchObject({ code: 'message-undeliverable' });
});

test('a job has a message in the broker until it is acknowledged: so the rescuer leaves slow ones alone', async () => {
  expect(await messages.isStored('default', 'j1')).toBe(false);
  await messages.publish('default', 'j1', 'j1/1/1', 'text');
  expect(await messages.isStored('default', 'j1')).toBe(true);
  expect(await messages.isStored('default', 'j2')).toBe(false);

  const manager = await broker.connection.jetstreamManager();
  await manager.streams.delete(plainBroker.stream);
  expect(await messages.isStored('default', 'j1')).toBe(false);
});

test('acknowledged messages survive kill -9 of the broker', async () => {
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      messages.publish('default', `j${i}`, `j${i}/1/1`, 'text'),
    ),
  );
  await nats.kill();
  await nats.start();
  await until(() => broker.isConnected(), { what: 'it is connected again' });
  expect(await stored()).toBe(100);
});
