import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import { toTimestamp } from '../../../domain/time';
import { httpUser, type HttpUser } from '../../support/http';
import { sendRaw, type RawAnswer } from '../../support/raw-http';
import { stack, userOf } from './stack';

// bad input over sockets; of the JSON rows, which test/unit/api tells one by one, only a few meet the real log

let ada: HttpUser;
let before: string;

/** The place of the newest event but for the seals of the log: it moves with anything that is recorded. */
const endOfLog = async (): Promise<string> => {
  const { eventstoreUrl } = await stack().endpoints();
  const client = EventStoreDBClient.connectionString(eventstoreUrl);
  let newest = 'nothing';
  try {
    // to its end: a read that is left early never ends for the client
    for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START }))
      if (event && event.streamId !== 'seals')
        newest = `${event.streamId} ${event.revision} ${event.position.commit}`;
    return newest;
  } finally {
    await client.dispose();
  }
};

beforeAll(async () => {
  ada = userOf('ada');
  // far ahead, so that nothing of it happens meanwhile
  await ada.schedule(Date.now() + 3_600_000);
});

const json = (): string =>
  JSON.stringify({
    name: 'smuggled',
    dueAt: toTimestamp(Date.now() + 3_600_000),
    location: 'print:',
  });
const request = (headers: readonly string[], body = '', path = '/v1/jobs'): string =>
  [
    `POST ${path} HTTP/1.1`,
    `Authorization: Bearer ${stack().keyOf('ada')}`,
    'Content-Type: application/json',
    ...headers,
    '',
    body,
  ].join('\r\n');
const host = 'Host: localhost';
const send = (text: string): Promise<RawAnswer> => sendRaw(stack().httpUrl, () => [text]);
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe('broken HTTP is a problem document with 400 and the end of the connection', () => {
  beforeAll(async () => {
    before = await endOfLog();
  });

  test.each<readonly [why: string, text: () => string]>([
    [
      'a length and chunks: two servers would see two bodies',
      () => {
        const body = `0\r\n\r\n${request([host, `Content-Length: ${json().length}`], json())}`;
        return request([host, 'Content-Length: 4', 'Transfer-Encoding: chunked'], body);
      },
    ],
    [
      'two lengths',
      () => request([host, `Content-Length: ${json().length}`, 'Content-Length: 0'], json()),
    ],
    ['a negative length', () => request([host, 'Content-Length: -1'], json())],
    [
      'lines that end in LF alone',
      () => request([host, `Content-Length: ${json().length}`], json()).replaceAll('\r\n', '\n'),
    ],
    [
      'a header folded over two lines',
      () => request([host, 'X-Folded: one', ' two', `Content-Length: ${json().length}`], json()),
    ],
    ['no Host', () => request([`Content-Length: ${json().length}`, 'Connection: close'], json())],
    [
      'HTTP/9.9',
      () =>
        request([host, `Content-Length: ${json().length}`], json()).replace('HTTP/1.1', 'HTTP/9.9'),
    ],
    ['an unknown method', () => `BREW /v1/jobs HTTP/1.1\r\n${host}\r\n\r\n`],
    [
      'NUL in a header',
      () => request([host, 'X-Nul: a\0b', `Content-Length: ${json().length}`], json()),
    ],
    [
      'a chunk length that is none',
      () => request([host, 'Transfer-Encoding: chunked'], `zz\r\n${json()}\r\n0\r\n\r\n`),
    ],
    ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n'],
  ])('%s', async (_why, text) => {
    const answer = await send(text());
    expect(answer).toMatchObject({
      status: 400,
      contentType: 'application/problem+json',
      problem: { type: '/problems/bad-request', status: 400 },
    });
  });

  test('headers over 16 KiB are 431', async () => {
    const answer = await send(request([host, `X-Long: ${'x'.repeat(20_000)}`]));
    expect([answer.status, answer.problem.type]).toEqual([431, '/problems/headers-too-large']);
  });
});

describe('bodies without an end', () => {
  test('chunks past the limit are 413, and the connection is cut however long they go on', async () => {
    const piece = chunk('x'.repeat(64 * 1024));
    const answer = await sendRaw(stack().httpUrl, function* (hasEnded) {
      yield request([host, 'Transfer-Encoding: chunked']);
      while (!hasEnded()) yield piece;
    });
    expect([answer.status, answer.problem.type]).toEqual([413, '/problems/body-too-large']);
  });

  test('a length over the limit is 413 without a byte of the body', async () => {
    const answer = await send(request([host, 'Content-Length: 10000000']));
    expect([answer.status, answer.problem.type]).toEqual([413, '/problems/body-too-large']);
  });
});

test('headers that trickle in are answered 408 within 15 s, and others are served meanwhile', async () => {
  const slow = sendRaw(stack().httpUrl, async function* (hasEnded) {
    yield `GET /v1/jobs HTTP/1.1\r\n${host}\r\n`;
    for (let i = 0; !hasEnded(); i += 1) {
      yield `X-${i}: slow\r\n`;
      await sleep(100);
    }
  });
  expect((await ada.get('/v1/jobs?limit=1')).status).toBe(200);
  const answer = await slow;
  expect([answer.status, answer.problem.type]).toEqual([408, '/problems/request-timeout']);
  expect(answer.tookMs).toBeLessThan(15_000);
});

describe('JSON that is wrong leaves no trace', () => {
  const withBody = (body: string, path = '/v1/jobs', more: readonly string[] = []) =>
    send(
      request(
        [host, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', ...more],
        body,
        path,
      ),
    );
  const changed = (change: object): string =>
    JSON.stringify({ ...(JSON.parse(json()) as object), ...change });

  test.each<readonly [why: string, body: () => string, status: number, code: string]>([
    ['half a document', () => json().slice(0, -1), 400, 'invalid-json'],
    ['100,000 levels', () => '['.repeat(100_000), 400, 'too-deep'],
    [
      'a key twice',
      () => json().replace('{', '{"due\\u0041t":"2027-01-01T00:00:00Z",'),
      400,
      'duplicate-key',
    ],
    ['__proto__', () => json().replace('{', '{"__proto__":{},'), 400, 'forbidden-key'],
    ['no due time', () => changed({ dueAt: undefined }), 400, 'invalid-body'],
    ['30 February', () => changed({ dueAt: '2027-02-30T00:00:00Z' }), 400, 'bad-timestamp'],
    [
      'an hour ago',
      () => changed({ dueAt: toTimestamp(Date.now() - 3_600_000) }),
      422,
      'due-in-past',
    ],
    ['in ten years', () => changed({ dueAt: '2036-11-01T00:00:00Z' }), 422, 'due-too-far'],
    ['status', () => changed({ status: 'succeeded' }), 422, 'unknown-property'],
    ['U+0000', () => changed({ name: 'a\0b' }), 422, 'invalid-unicode'],
    ['1e400', () => json().replace('{', '{"timeoutMs":1e400,'), 422, 'out-of-range'],
    [
      'a payload over 64 KiB',
      () => changed({ payload: 'x'.repeat(70_000) }),
      413,
      'payload-too-large',
    ],
    [
      'a location on this machine',
      () => changed({ location: 'http://127.1/run' }),
      422,
      'forbidden-target',
    ],
  ])('%s', async (_why, body, status, code) => {
    const answer = await withBody(body());
    expect([answer.status, answer.problem.type]).toEqual([status, `/problems/${code}`]);
  });

  test('compressed', async () => {
    const answer = await withBody(json(), '/v1/jobs', ['Content-Encoding: gzip']);
    expect([answer.status, answer.problem.type]).toEqual([415, '/problems/unsupported-encoding']);
  });

  test.each(['$all', '$$job-x', 'not-a-uuid', '../../../etc/passwd', '%00'])(
    '%s as the id of a job',
    async (id) => {
      const answer = await withBody('{}', `/v1/jobs/${encodeURIComponent(id)}/cancel`);
      expect([answer.status, answer.problem.type]).toEqual([400, '/problems/bad-id']);
    },
  );

  test('without a key', async () => {
    const { status, headers } = await httpUser(stack().httpUrl, 'nobody').post('/v1/jobs');
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer/),
    ]);
  });
});

test('after all of this the log holds no new event', async () => {
  expect(await endOfLog()).toBe(before);
  await ada.schedule(Date.now() + 3_600_000);
  expect(await endOfLog()).not.toBe(before);
});
