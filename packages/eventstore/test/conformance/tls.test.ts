import { request } from 'node:https';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { EventStoreDBClient, jsonEvent, UnavailableError } from '@eventstore/db-client';
import { startStrictEventStore, type TestEventStore } from '../../../../test/support/event-store';
import { selfSigned, type TestCertificate } from '../../../../test/support/certificate';
import { onlyOnOurs } from '../../../../test/support/given-event-store';

const test = onlyOnOurs('it needs a certificate of its own');

let certificate: TestCertificate;
let store: TestEventStore;
const clients: EventStoreDBClient[] = [];
const open = (settings: string, host = 'localhost', { port } = store.server) => {
  const client = EventStoreDBClient.connectionString(`esdb://${host}:${port}?${settings}`);
  clients.push(client);
  return client;
};
const ca = () => `tls=true&tlsCAFile=${encodeURIComponent(certificate.file)}`;
const event = () => jsonEvent({ type: 'Happened', data: { text: 'x' } });
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
/** Asking the features fails with a plain gRPC error, which has no type: a read is what tells. */
const read = async (client: EventStoreDBClient): Promise<number> => {
  let count = 0;
  for await (const _ of client.readStream('s')) count += 1;
  return count;
};

beforeAll(async () => {
  certificate = await selfSigned();
  store = await startStrictEventStore({ tls: certificate });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await store.close();
  await certificate.remove();
});

test.each(['localhost', '127.0.0.1'])(
  'a client that trusts the certificate is served at %s',
  async (host) => {
    const client = open(ca(), host);
    await client.appendToStream('s', event());
    expect(await read(client)).toBeGreaterThan(0);
    const subscription = client.subscribeToStream('s');
    await new Promise((resolve) => subscription.once('data', resolve));
    await subscription.unsubscribe();
  },
);

test('the url of the server says that it takes TLS', () => {
  expect(store.server.url).toBe(`esdb://127.0.0.1:${store.server.port}?tls=true`);
});

test('a client that does not trust the certificate is not served, and does not hang', async () => {
  expect(await failure(read(open('tls=true')))).toBeInstanceOf(UnavailableError);
});

test('a plain-text client gets an error from a TLS server, and does not hang', async () => {
  expect(await failure(read(open('tls=false')))).toBeInstanceOf(UnavailableError);
});

test('a TLS client gets an error from a plain-text server, and does not hang', async () => {
  const plain = await startStrictEventStore();
  const client = open(ca(), 'localhost', plain.server);
  expect(await failure(read(client))).toBeInstanceOf(UnavailableError);
  await plain.close();
});

test('HTTP/2 is what is agreed on, and HTTP/1.1 is told that nothing but gRPC is served', async () => {
  const { port } = store.server;
  const socket = connect({ port, host: 'localhost', ca: certificate.cert, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  expect(socket.alpnProtocol).toBe('h2');
  socket.destroy();
  const asking = request({ port, host: 'localhost', ca: certificate.cert }).end();
  const [response] = (await once(asking, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(501);
});

test('a certificate that is none does not start a server', async () => {
  await expect(startStrictEventStore({ tls: { cert: 'no', key: 'no' } })).rejects.toThrow('PEM');
});
