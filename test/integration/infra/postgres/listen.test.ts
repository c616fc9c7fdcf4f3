import { listenTo, type Listener } from '../../../../infra/postgres/listen';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { backends, cut, ownPostgres, query } from './server';

let database: TestDatabase;
let listener: Listener | undefined;

beforeAll(async () => {
  database = await createDatabase();
});

afterEach(async () => {
  await listener?.stop();
});

afterAll(async () => {
  await database.drop();
});

const listening = (url: string, applicationName: string, heartbeatEveryMs?: number) => {
  const heard: string[] = [];
  const faults: unknown[] = [];
  let connects = 0;
  listener = listenTo({
    url,
    channel: 'news',
    applicationName,
    onFault: (error) => faults.push(error),
    ...(heartbeatEveryMs !== undefined && { heartbeatEveryMs }),
  });
  const unsubscribe = listener.subscribe({
    onMessage: (payload) => heard.push(payload),
    onConnect: () => connects++,
  });
  return { listener, heard, faults, unsubscribe, connects: () => connects };
};

const notify = (url: string, payload: string) =>
  query(url, `select pg_notify('news', $1)`, [payload]);

test('messages arrive, and each subscriber is told of the connection, also one that comes late', async () => {
  const { listener, heard, connects, unsubscribe } = listening(database.url, 'listen-1');
  await until(() => connects() === 1, { what: 'it listens' });
  let lateConnects = 0;
  listener.subscribe({ onMessage: () => undefined, onConnect: () => lateConnects++ });
  expect(lateConnects).toBe(1);

  await notify(database.url, 'one');
  await until(() => heard.length === 1, { what: 'the message is heard' });
  unsubscribe();
  await notify(database.url, 'two');
  await notify(database.url, 'three');
  expect(heard).toEqual(['one']);
});

test('a cut connection is made again and told, because messages in between are gone', async () => {
  const { heard, faults, connects } = listening(database.url, 'listen-2');
  await until(() => connects() === 1, { what: 'it listens' });
  await cut(database.url, 'listen-2');
  await until(() => connects() === 2, { what: 'it listens again' });
  await notify(database.url, 'after');
  await until(() => heard.includes('after'), { what: 'messages arrive again' });
  expect(faults).toHaveLength(1);
});

test('it listens again after kill -9 of the server, however long that is away', async () => {
  const server = await ownPostgres();
  try {
    const { listener, heard, faults, connects } = listening(server.url, 'listen-3');
    await until(() => connects() === 1, { what: 'it listens' });
    await server.kill();
    await until(() => faults.length >= 3, { what: 'it has tried in vain' });
    expect(listener.isConnected()).toBe(false);
    await server.start();
    await until(() => connects() === 2, { what: 'it listens again' });
    await notify(server.url, 'after');
    await until(() => heard.includes('after'), { what: 'messages arrive again' });
  } finally {
    await listener?.stop();
    await server.dispose();
  }
});

test('a connection that the server no longer serves is noticed, though its socket stays open', async () => {
  const server = await ownPostgres();
  const { connects } = listening(server.url, 'listen-4', 500);
  await until(() => connects() === 1, { what: 'it listens' });
  const pid = await until(async () => (await backends(server.url, 'listen-4'))[0]);
  process.kill(pid, 'SIGSTOP');
  try {
    await until(() => connects() >= 2, { what: 'it listens over another connection' });
  } finally {
    process.kill(pid, 'SIGCONT');
    await listener?.stop();
    await server.dispose();
  }
});

test('stop ends it for good and leaves no connection behind', async () => {
  const { listener, connects } = listening(database.url, 'listen-5');
  await until(() => connects() === 1, { what: 'it listens' });
  await listener.stop();
  await listener.stop();
  await until(async () => (await backends(database.url, 'listen-5')).length === 0, {
    what: 'the connection is gone',
  });
});
