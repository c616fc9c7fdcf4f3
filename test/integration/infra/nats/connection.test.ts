import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { ownNats, type TestNats } from '../../../support/nats';
import { until } from '../../../support/until';

let nats: TestNats;
let broker: Broker;
let statuses: string[];

beforeEach(async () => {
  nats = await ownNats();
  statuses = [];
  broker = await connectBroker({
    url: nats.url,
    name: 'connection-test',
    onStatus: ({ type }) => statuses.push(type),
  });
});

afterEach(async () => {
  await broker.close();
  await nats.dispose();
});

test('a broker that dies and comes back is noticed both times, and whoever waits for it is called', async () => {
  let calls = 0;
  let callsOfFormer = 0;
  broker.onReconnect(() => calls++);
  broker.onReconnect(() => callsOfFormer++)();
  expect(broker.isConnected()).toBe(true);

  await nats.kill();
  await until(() => !broker.isConnected(), { what: 'the loss is noticed' });
  await nats.start();
  await until(() => broker.isConnected(), { what: 'it is connected again' });
  await until(() => calls === 1, { what: 'the return is told' });
  expect(callsOfFormer).toBe(0);
  await until(() => statuses.includes('disconnect') && statuses.includes('reconnect'), {
    what: 'both are told',
  });
});

test('closing while the broker is away does not wait for it', async () => {
  await nats.kill();
  await until(() => !broker.isConnected(), { what: 'the loss is noticed' });
  await broker.close();
  expect(broker.isConnected()).toBe(false);
  expect(broker.connection.isClosed()).toBe(true);
});

test('closing sends what was said before it', async () => {
  const other = await connectBroker({ url: nats.url, name: 'listener' });
  const heard: string[] = [];
  other.connection.subscribe('last.words', {
    callback: (_, { data }) => heard.push(data.toString()),
  });
  await other.connection.flush();
  broker.connection.publish('last.words');
  await broker.close();
  await until(() => heard.length === 1, { what: 'the last words are heard' });
  await other.close();
});

test('a broker that is not there at the start is an error at once, for the caller to wait or give up', async () => {
  await nats.kill();
  await expect(connectBroker({ url: nats.url, name: 'early' })).rejects.toThrow(
    'CONNECTION_REFUSED',
  );
});
