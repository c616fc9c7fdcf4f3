import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { jsonEvent } from '@eventstore/db-client';
import { ReadReq, Empty } from '../../wire/generated';
import { startStrictEventStore, type TestEventStore } from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';
import { frame, openRaw, rawCall } from '../../../../test/support/raw-grpc';
import { until } from '../../../../test/support/until';

const test = onlyOnOurs('its transport is its own, and so are its words');

const streams = '/event_store.client.streams.Streams';
const supportedMethods = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';

let store: TestEventStore;
let session: ReturnType<typeof openRaw>;
beforeAll(async () => {
  store = await startStrictEventStore();
  session = openRaw(store.server.port);
});
afterEach(async () => {
  await store.client.appendToStream('alive', jsonEvent({ type: 'Happened', data: {} }));
});
afterAll(async () => {
  session.close();
  await store.close();
});

const subscription = (): Buffer => {
  const target = new ReadReq.Options.AllOptions().setStart(new Empty());
  const options = new ReadReq.Options()
    .setAll(target)
    .setSubscription(new ReadReq.Options.SubscriptionOptions())
    .setNoFilter(new Empty());
  return frame(new ReadReq().setOptions(options).serializeBinary());
};

test.each([
  { what: 'an unknown service', path: '/no.Such/Method', status: '12', says: 'is not served' },
  { what: 'an unknown method', path: `${streams}/Nothing`, status: '12', says: 'is not served' },
  {
    what: 'a compressed message',
    path: `${streams}/Read`,
    body: frame(Buffer.from('xx'), { compressed: 1 }),
    status: '12',
    says: 'compression is not supported',
  },
  {
    what: 'a message of more than 16 MiB less 10,000 bytes',
    path: `${streams}/Read`,
    body: frame(Buffer.from('xx'), { length: 16 * 1024 * 1024 - 10_000 + 1 }),
    status: '8',
    says: 'is larger than',
  },
  {
    what: 'a request that ends inside a message',
    path: `${streams}/Read`,
    body: frame(Buffer.from('xx'), { length: 9 }),
    status: '13',
    says: 'inside a message',
  },
  { what: 'a call without a message', path: `${streams}/Read`, status: '2', says: 'without' },
  {
    what: 'garbage for a message',
    path: `${streams}/Read`,
    body: frame(Buffer.from([0xff, 0xff, 0xff, 0xff])),
    status: '2',
    says: 'malformed',
  },
  {
    what: 'garbage on the batch stream, which is left open',
    path: `${streams}/BatchAppend`,
    body: frame(Buffer.from([0xff, 0xff, 0xff, 0xff])),
    isOpen: true,
    status: '2',
    says: '',
  },
])('$what gets status $status and the reason', async ({ what: _, status, says, ...call }) => {
  const answer = await rawCall(session, call);
  expect(answer).toMatchObject({ httpStatus: 200, status });
  expect(answer.message).toContain(says);
});

test.each([
  { headers: { 'content-type': 'application/json' }, httpStatus: 415, why: 'it is no gRPC' },
  { headers: { ':method': 'GET' }, httpStatus: 405, why: 'calls are POSTs' },
  { headers: { 'grpc-encoding': 'gzip' }, httpStatus: 200, why: 'nothing is unpacked' },
])('a request with $headers gets $httpStatus and UNIMPLEMENTED: $why', async (asked) => {
  const answer = await rawCall(session, { path: supportedMethods, headers: asked.headers });
  expect(answer).toMatchObject({ httpStatus: asked.httpStatus, status: '12' });
});

test('HTTP/1 is told that nothing but gRPC is served', async () => {
  const asking = request({ port: store.server.port, host: '127.0.0.1', path: '/streams/s' }).end();
  const [response] = (await once(asking, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(501);
});

test.each([
  ['junk', Buffer.from('\0\x01\x02 junk \r\n\r\n')],
  ['half a preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')],
  ['a TLS greeting', Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3])],
])('a peer that sends %s is cut off', async (_, bytes) => {
  const socket = connectTcp(store.server.port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(bytes);
  await once(socket, 'close');
});

test('a thousand calls at a time on one connection are all answered', async () => {
  const call = { path: supportedMethods, body: frame(Buffer.alloc(0)) };
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => rawCall(session, call)));
  expect(answers.every(({ status, body }) => status === '0' && body.length > 0)).toBe(true);
});

test('connections that come and go leave nothing behind, whether they spoke or not', async () => {
  const { server } = store;
  const before = server.usage();
  const silent = Array.from({ length: 100 }, () => connectTcp(server.port, '127.0.0.1'));
  const idle = Array.from({ length: 100 }, () => openRaw(server.port));
  await Promise.all(idle.map((peer) => once(peer, 'remoteSettings')));
  for (const peer of idle) {
    const stream = peer.request({
      ':method': 'POST',
      ':path': `${streams}/Read`,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.end(subscription());
  }
  await until(() => server.usage().calls >= before.calls + 100);
  expect(server.usage().sessions).toBe(before.sessions + 100);
  for (const peer of [...idle, ...silent]) peer.destroy();
  await until(() => server.usage().sessions === before.sessions);
  await until(() => server.usage().calls <= before.calls);
});

test('a ping is answered while calls are open', async () => {
  const peer = openRaw(store.server.port);
  const open = rawCall(peer, { path: `${streams}/Read`, body: subscription() });
  open.catch(() => undefined);
  await once(peer, 'connect');
  await new Promise<void>((resolve, reject) =>
    peer.ping((error) => (error ? reject(error) : resolve())),
  );
  peer.destroy();
});

describe('grpc-timeout', () => {
  test.each([
    { call: 'a subscription', path: `${streams}/Read`, body: subscription(), isOpen: false },
    { call: 'an append that never ends', path: `${streams}/Append`, isOpen: true },
    { call: 'a delete without a request', path: `${streams}/Delete`, isOpen: true },
  ])('ends $call with DEADLINE_EXCEEDED', async ({ call: _, ...asked }) => {
    const before = store.server.usage().calls;
    const answer = await rawCall(session, { ...asked, headers: { 'grpc-timeout': '50m' } });
    expect(answer.status).toBe('4');
    await until(() => store.server.usage().calls <= before);
  });

  test('that is malformed counts as none', async () => {
    const headers = { 'grpc-timeout': 'soon' };
    const answer = await rawCall(session, {
      path: supportedMethods,
      headers,
      body: frame(Buffer.alloc(0)),
    });
    expect(answer.status).toBe('0');
  });
});
