import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { uuids } from '../../../../infra/ids';
import { web, type WebDeps } from '../../../../processes/web/web';

const running = async (more: Partial<WebDeps> = {}) => {
  const stop = new AbortController();
  const drained: string[] = [];
  let listening = (_address: AddressInfo): void => undefined;
  const address = new Promise<AddressInfo>((resolve) => (listening = resolve));
  const ended = web({
    handle: (_request, response) => response.end('hello'),
    drain: () => drained.push('drained'),
    ids: uuids,
    host: '127.0.0.1',
    port: 0,
    onListening: listening,
    drainMs: 5_000,
    ...more,
  }).run(stop.signal);
  const { port } = await Promise.race([address, ended.then(() => ({ port: 0 }))]);
  return { port, ended, drained, stop: () => stop.abort() };
};

/** Sends bytes as they are; resolves with all that comes back until the server hangs up. */
const raw = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined); // a cut connection ends the same way
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
};

const get = (port: number): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', agent: false });
    sent.on('response', (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    sent.end();
  });

describe('what Node cannot parse gets a problem document', () => {
  let server: Awaited<ReturnType<typeof running>>;
  beforeAll(async () => {
    server = await running();
  });
  afterAll(async () => {
    server.stop();
    await server.ended;
  });

  test.each([
    ['a line that is no HTTP', 'hello\r\n\r\n', 400, 'bad-request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'bad-request',
    ],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'bad-request',
    ],
    [
      'a negative length',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
      400,
      'bad-request',
    ],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400, 'bad-request'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n', 400, 'bad-request'],
    ['a version that is none', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 400, 'bad-request'],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad-request'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'bad-request'],
    [
      '17 KiB of headers',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
  ])('%s', async (_why, bytes, status, code) => {
    const answer = await raw(server.port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain(`"type":"/problems/${code}"`);
  });
});

test('a signal that has aborted already starts nothing', async () => {
  const stop = new AbortController();
  stop.abort();
  const listened: unknown[] = [];
  await web({
    handle: () => undefined,
    drain: () => undefined,
    ids: uuids,
    host: '127.0.0.1',
    port: 0,
    onListening: (address) => listened.push(address),
    drainMs: 1_000,
  }).run(stop.signal);
  expect(listened).toEqual([]);
});

test('a port that is taken ends the program instead of waiting for nothing', async () => {
  const first = await running();
  await expect(running({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  first.stop();
  await first.ended;
});

test('a stop lets requests under way end, takes no more, and waits for no idle connection', async () => {
  let answer: (() => void) | undefined;
  const server = await running({
    handle: (_request, response) => {
      answer = () => response.end('done');
    },
    drainMs: 60_000,
  });
  const idle = connect(server.port, '127.0.0.1').on('error', () => undefined);
  await once(idle, 'connect');
  const underWay = get(server.port);
  while (!answer) await new Promise(setImmediate);
  server.stop();
  while (server.drained.length === 0) await new Promise(setImmediate);
  expect(await get(server.port)).toBe('ECONNREFUSED');
  answer();
  expect(await underWay).toBe(200);
  await server.ended;
});

test('a request that never ends is cut when the time for draining is over', async () => {
  let isAsked = false;
  const server = await running({
    handle: () => {
      isAsked = true;
    },
    drainMs: 50,
  });
  const hanging = get(server.port);
  while (!isAsked) await new Promise(setImmediate);
  server.stop();
  await server.ended;
  expect(await hanging).toBe('ECONNRESET');
});
