import {
  AccessDeniedError,
  EventStoreDBClient,
  jsonEvent,
  type Credentials,
} from '@eventstore/db-client';
import { startStrictEventStore, type TestEventStore } from '../../../../test/support/event-store';
import { selfSigned, type TestCertificate } from '../../../../test/support/certificate';
import { onlyOnOurs } from '../../../../test/support/given-event-store';

const test = onlyOnOurs('it needs users of its own');

let certificate: TestCertificate;
let store: TestEventStore;
const clients: EventStoreDBClient[] = [];
const open = (login = ''): EventStoreDBClient => {
  const { port } = store.server;
  const client = EventStoreDBClient.connectionString(
    `esdb://${login}localhost:${port}?tls=true&tlsCAFile=${encodeURIComponent(certificate.file)}`,
  );
  clients.push(client);
  return client;
};

let anonymous: EventStoreDBClient;
let admin: EventStoreDBClient;
let ada: EventStoreDBClient;
let bob: EventStoreDBClient;
beforeAll(async () => {
  certificate = await selfSigned();
  store = await startStrictEventStore({
    tls: certificate,
    users: [
      { name: 'admin', password: 'changeit' },
      { name: 'ada', password: 'p:ä ss@wörd' },
      { name: 'bob', password: 'bob' },
    ],
  });
  anonymous = open();
  admin = open('admin:changeit@');
  ada = open(`ada:${encodeURIComponent('p:ä ss@wörd')}@`);
  bob = open('bob:bob@');
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await store.close();
  await certificate.remove();
});

const event = () => jsonEvent({ type: 'Happened', data: { text: 'x' } });
const drain = async (events: AsyncIterable<unknown>): Promise<number> => {
  let count = 0;
  for await (const _ of events) count += 1;
  return count;
};
const subscribed = (subscription: ReturnType<EventStoreDBClient['subscribeToAll']>) =>
  new Promise((resolve, reject) => {
    subscription.once('confirmation', () => {
      void subscription.unsubscribe();
      resolve('confirmed');
    });
    subscription.once('error', reject);
  });

const everyCall = (
  client: EventStoreDBClient,
  stream: string,
  own: { credentials?: Credentials } = {},
): Record<string, () => Promise<unknown>> => ({
  append: () => client.appendToStream(stream, event(), own),
  read: () => drain(client.readStream(stream, own)),
  readAll: () => drain(client.readAll(own)),
  subscribe: () => subscribed(client.subscribeToStream(stream, own) as never),
  subscribeToAll: () => subscribed(client.subscribeToAll(own)),
  delete: () => client.deleteStream(stream, own),
  tombstone: () => client.tombstoneStream(stream, own),
  setMetadata: () => client.setStreamMetadata(stream, {}, own),
  getMetadata: () => client.getStreamMetadata(stream, own),
});
const calls = Object.keys(everyCall(undefined as never, ''));

const denied = async (call: (() => Promise<unknown>) | undefined): Promise<void> => {
  const error = await call?.().then(
    () => 'it went through',
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(AccessDeniedError);
  expect(error).toMatchObject({ type: 'access-denied' });
};

describe('with users set', () => {
  test.each(calls)('an anonymous %s is denied', async (call) => {
    await denied(everyCall(anonymous, 's')[call]);
  });

  test.each(calls)('%s with a wrong password is denied, each time', async (call) => {
    const credentials = { username: 'ada', password: 'wrong' };
    await denied(everyCall(anonymous, 's', { credentials })[call]);
    await denied(everyCall(anonymous, 's', { credentials })[call]);
    await denied(everyCall(open('ada:wrong@'), 's')[call]);
  });

  test.each(calls)('%s by a name that nobody has is denied', async (call) => {
    const credentials = { username: 'eve', password: 'bob' };
    await denied(everyCall(anonymous, 's', { credentials })[call]);
  });

  test.each(calls)('%s by an admin is served', async (call) => {
    await admin.appendToStream(`served-${call}`, event());
    await everyCall(admin, `served-${call}`)[call]?.();
  });

  test('credentials of a call count over those of the connection', async () => {
    await denied(() =>
      admin.appendToStream('s', event(), { credentials: { username: 'bob', password: 'no' } }),
    );
    const credentials = { username: 'bob', password: 'bob' };
    await anonymous.appendToStream('s', event(), { credentials });
    expect(await drain(anonymous.readStream('s', { credentials }))).toBeGreaterThan(0);
  });

  test('a denied append over the batch stream leaves the others of the connection alone', async () => {
    await admin.setStreamMetadata('hers', { acl: { writeRoles: ['ada'] } });
    const [no, yes] = await Promise.allSettled([
      bob.appendToStream('hers', event()),
      bob.appendToStream('his', event()),
    ]);
    expect(no).toMatchObject({ status: 'rejected' });
    expect(yes).toMatchObject({ status: 'fulfilled' });
  });
});

describe('a user who is no admin', () => {
  test('writes, reads, deletes and sets metadata of plain streams, as the default ACL has it', async () => {
    await ada.appendToStream('plain', [event(), event()]);
    expect(await drain(bob.readStream('plain'))).toBe(2);
    await bob.setStreamMetadata('plain', { maxCount: 1 });
    expect((await ada.getStreamMetadata('plain')).metadata).toEqual({ maxCount: 1 });
    await subscribed(bob.subscribeToStream('plain') as never);
    await bob.deleteStream('plain');
    await ada.tombstoneStream('plain');
  });

  test.each(['readAll', 'subscribeToAll'])('has no %s: $all is for admins', async (call) => {
    await denied(everyCall(ada, 's')[call]);
  });

  test.each(['append', 'read', 'subscribe', 'delete', 'setMetadata', 'getMetadata'])(
    'may not %s a system stream',
    async (call) => {
      await admin.appendToStream('$system', event());
      await denied(everyCall(ada, '$system')[call]);
    },
  );

  test('may read $all when its ACL says so', async () => {
    await admin.setStreamMetadata('$all', { acl: { readRoles: ['bob'] } });
    expect(await drain(bob.readAll({ maxCount: 1 }))).toBe(1);
    await denied(() => drain(ada.readAll({ maxCount: 1 })));
  });
});

describe('the ACL of a stream', () => {
  const rights = {
    readRoles: ['read', 'subscribe'],
    writeRoles: ['append'],
    deleteRoles: ['delete', 'tombstone'],
    metaReadRoles: ['getMetadata'],
    metaWriteRoles: ['setMetadata'],
  } as const;

  test.each(Object.entries(rights))('%s decides who may %s, at once', async (right, allowed) => {
    for (const call of allowed) {
      const stream = `acl-${call}`;
      await ada.appendToStream(stream, event());
      await admin.setStreamMetadata(stream, { acl: { [right]: ['ada'] } });
      await denied(everyCall(bob, stream)[call]);
      await everyCall(ada, stream)[call]?.();
    }
  });

  test('takes one name, the names $all and $admins, and the defaults by name', async () => {
    const readBy = async (acl: unknown): Promise<boolean> => {
      await admin.setStreamMetadata('roles', { acl: acl as never });
      return await drain(bob.readStream('roles')).then(
        () => true,
        () => false,
      );
    };
    await ada.appendToStream('roles', event());
    expect(await readBy({ readRoles: 'bob' })).toBe(true);
    expect(await readBy({ readRoles: 'ada' })).toBe(false);
    expect(await readBy({ readRoles: '$all' })).toBe(true);
    expect(await readBy({ readRoles: ['ada', '$admins'] })).toBe(false);
    expect(await readBy('$userStreamAcl')).toBe(true);
    expect(await readBy('$systemStreamAcl')).toBe(false);
    expect(await readBy({ readRoles: 7 })).toBe(false);
    expect(await readBy({})).toBe(true);
  });

  test('changes for writers in the order of the log', async () => {
    await ada.appendToStream('changing', event());
    for (const owner of ['ada', 'bob', 'ada', 'bob']) {
      await admin.setStreamMetadata('changing', { acl: { writeRoles: [owner] } });
      await (owner === 'ada' ? ada : bob).appendToStream('changing', event());
      await denied(() => (owner === 'ada' ? bob : ada).appendToStream('changing', event()));
    }
  });
});

test('without users nothing is checked, whatever credentials come: that is the insecure mode', async () => {
  const insecure = await startStrictEventStore({ tls: certificate });
  const client = EventStoreDBClient.connectionString(
    `esdb://any:body@localhost:${insecure.server.port}?tlsCAFile=${certificate.file}`,
  );
  await client.appendToStream('$system', event());
  expect(await drain(client.readAll())).toBeGreaterThan(0);
  await client.dispose();
  await insecure.close();
});

test.each([
  { host: '127.0.0.1', users: [], isTls: false, warnings: [] },
  { host: '0.0.0.0', users: [], isTls: false, warnings: ['without users and TLS'] },
  { host: '0.0.0.0', users: [], isTls: true, warnings: ['without users'] },
  { host: '0.0.0.0', users: ['admin'], isTls: true, warnings: [] },
  { host: '127.0.0.1', users: ['admin'], isTls: false, warnings: ['users without TLS'] },
  { host: '127.0.0.1', users: ['ada'], isTls: true, warnings: ['no user is an admin'] },
])('on $host with users $users, TLS $isTls, a start warns of $warnings', async (given) => {
  const logged: string[] = [];
  const started = await startStrictEventStore({
    host: given.host,
    users: given.users.map((name) => ({ name, password: 'x' })),
    tls: given.isTls ? certificate : undefined,
    log: (_level, message) => logged.push(message),
  });
  const atStart = [...logged]; // its end may meet a database that is gone already
  await started.close();
  expect(atStart).toHaveLength(given.warnings.length);
  for (const [i, warning] of given.warnings.entries()) expect(atStart[i]).toContain(warning);
});
