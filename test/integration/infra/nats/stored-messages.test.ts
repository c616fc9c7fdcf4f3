import type { Broker } from '../../../../infra/nats/connection';
import { connectBroker } from '../../../../infra/nats/connection';
import { jobDueMessages } from '../../../../infra/nats/due-messages';
import { readStoredMessages } from '../../../../infra/nats/stored-messages';
import type { StoredMessage } from '../../../../projections/audit/message-check';
import { ownNats, type TestNats } from '../../../support/nats';
import { plainBroker } from '../../../support/names';

let nats: TestNats;
let broker: Broker;

beforeAll(async () => {
  nats = await ownNats();
  broker = await connectBroker({ url: nats.url, name: 'test' });
});
afterAll(async () => {
  await broker.close();
  await nats.dispose();
});

const { signal } = new AbortController();

const all = async (): Promise<readonly StoredMessage[]> => {
  const messages: StoredMessage[] = [];
  await readStoredMessages(
    broker.connection,
    plainBroker,
    (message) => messages.push(message),
    signal,
  );
  return messages.sort((a, b) => a.sequence - b.sequence);
};

test('a broker without the stream has no messages', async () => {
  expect(await all()).toEqual([]);
});

test('all messages are read with their ids, past those that are gone, and none is consumed', async () => {
  const messages = jobDueMessages(broker.connection, plainBroker, { maxBytes: 64 * 1_024 * 1_024 });
  await messages.incarnation();
  expect(await all()).toEqual([]);
  const ids = Array.from({ length: 500 }, (_, n) => `job${n}/1/1`);
  for (const [n, id] of ids.entries())
    await messages.publish('default', `job${n}`, id, `{"n":${n},"text":"ä"}`);
  const manager = await broker.connection.jetstreamManager({ checkAPI: false });
  const isGone = (n: number): boolean => n % 7 === 0 || (n > 100 && n < 400);
  for (const n of ids.keys())
    if (isGone(n)) await manager.streams.deleteMessage(plainBroker.stream, n + 1);

  const left = ids.filter((_, n) => !isGone(n));
  const read = await all();
  expect(read.map(({ id }) => id)).toEqual(left);
  expect(read[0]).toMatchObject({ sequence: 2, subject: 'jobs.due.default.job1' });
  expect(Buffer.from(read[0]?.data ?? []).toString()).toBe('{"n":1,"text":"ä"}');
  expect(await all()).toEqual(read);
});

test('a message without an id is read all the same', async () => {
  await broker.connection.jetstream().publish('jobs.due.default.planted', 'x');
  expect((await all()).at(-1)).toMatchObject({
    subject: 'jobs.due.default.planted',
    id: undefined,
  });
});
