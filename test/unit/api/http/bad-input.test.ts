import { gzipSync } from 'node:zlib';
import {
  apiUnderTest,
  bearer,
  DUE,
  fakeCommands,
  keys,
  listening,
  rightBody,
} from '../api-under-test';
import { ask, type Asked } from '../ask';

const { commands, calls } = fakeCommands();
let server: Awaited<ReturnType<typeof listening>>;

beforeAll(async () => {
  server = await listening(apiUnderTest({ commands }));
});
afterAll(() => server.close());
beforeEach(() => calls.splice(0));

const alice = ['Authorization', bearer(keys.alice)];
const json = ['Content-Type', 'application/json'];
const post = (body: string | Buffer, more: Partial<Asked> = {}): Asked => ({
  method: 'POST',
  path: '/v1/jobs',
  headers: [...alice, ...json],
  body,
  ...more,
});
const withChange = (change: object): Asked => post(JSON.stringify({ ...rightBody, ...change }));
/** For what JSON.stringify would not write: the right body with more text in front of its end. */
const withText = (text: string): Asked =>
  post(`${JSON.stringify(rightBody).slice(0, -1)},${text}}`);
const due = (dueAt: unknown): Asked => withChange({ dueAt });
const at = (location: string): Asked => withChange({ location });
const get = (path: string, headers: readonly string[] = []): Asked => ({
  path,
  headers: [...alice, ...headers],
});
const withHeaders = (...headers: readonly string[]): Asked =>
  post(JSON.stringify(rightBody), { headers });

const ID = '3f0c7d9e-4b0a-4f7e-9c1d-0a1b2c3d4e5f';
const cancel = (...headers: readonly string[]): Asked => ({
  method: 'POST',
  path: `/v1/jobs/${ID}/cancel`,
  headers: [...alice, ...headers],
});

type Row = readonly [why: string, asked: Asked, status: number, code: string];

const times: readonly Row[] = [
  ['a leap second', due('2026-12-31T23:59:60Z'), 400, 'bad-timestamp'],
  ['30 February', due('2027-02-30T00:00:00Z'), 400, 'bad-timestamp'],
  ['29 February of a common year', due('2027-02-29T00:00:00Z'), 400, 'bad-timestamp'],
  ['month 13', due('2026-13-01T00:00:00Z'), 400, 'bad-timestamp'],
  ['hour 25', due('2026-12-01T25:00:00Z'), 400, 'bad-timestamp'],
  ['24:00', due('2026-12-01T24:00:00Z'), 400, 'bad-timestamp'],
  ['no offset', due('2026-12-29T02:30:00'), 400, 'offset-required'],
  ['a number', due(1_800_000_000), 400, 'bad-timestamp'],
  ['a number as text', due('0'), 400, 'bad-timestamp'],
  ['an exponent as text', due('1e3'), 400, 'bad-timestamp'],
  ['what only Date understands', due('Jan 1 2027'), 400, 'bad-timestamp'],
  ['the basic format', due('20270101T000000Z'), 400, 'bad-timestamp'],
  ['a week date', due('2027-W01-1T00:00:00Z'), 400, 'bad-timestamp'],
  ['null', due(null), 400, 'invalid-body'],
  ['a list', due([DUE]), 400, 'invalid-body'],
  ['an object', due({ at: DUE }), 400, 'invalid-body'],
  ['nothing', due(undefined), 400, 'invalid-body'],
];

const numbers: readonly Row[] = [
  ['NaN', withText('"timeoutMs":NaN'), 400, 'invalid-json'],
  ['Infinity', withText('"timeoutMs":Infinity'), 400, 'invalid-json'],
  ['-Infinity', withText('"timeoutMs":-Infinity'), 400, 'invalid-json'],
  ['-0', withText('"cutoffMs":-0'), 422, 'out-of-range'],
  ['more than a float holds', withText('"timeoutMs":1e400'), 422, 'out-of-range'],
  ['more digits than a float keeps', withText('"payload":9007199254740993'), 422, 'out-of-range'],
  [
    'more decimals than a float keeps',
    withText('"payload":3.14159265358979323846'),
    422,
    'out-of-range',
  ],
  ['no attempts', withChange({ retry: { maxAttempts: 0 } }), 422, 'out-of-range'],
  ['negative attempts', withChange({ retry: { maxAttempts: -1 } }), 422, 'out-of-range'],
  ['one and a half attempts', withChange({ retry: { maxAttempts: 1.5 } }), 422, 'out-of-range'],
  ['no time', withChange({ timeoutMs: 0 }), 422, 'out-of-range'],
  ['more than a day', withChange({ timeoutMs: 86_400_001 }), 422, 'out-of-range'],
  ['a cut-off over an hour', withChange({ cutoffMs: 3_600_001 }), 422, 'out-of-range'],
  ['a number as text', withChange({ timeoutMs: '60000' }), 400, 'invalid-body'],
];

const sizes: readonly Row[] = [
  ['a body that says it is too large', post(Buffer.alloc(262_145, ' ')), 413, 'body-too-large'],
  [
    'a body that grows too large',
    post(Buffer.alloc(400_000, ' '), { isChunked: true }),
    413,
    'body-too-large',
  ],
  ['a payload over 64 KiB', withChange({ payload: 'x'.repeat(65_536) }), 413, 'payload-too-large'],
  ['a name of 250 KB', withChange({ name: 'x'.repeat(250_000) }), 422, 'too-long'],
  ['201 characters', withChange({ name: 'x'.repeat(201) }), 422, 'too-long'],
  ['a name longer once normalised', withChange({ name: '\u{1d160}'.repeat(100) }), 422, 'too-long'],
  ['no name at all', withChange({ name: '' }), 422, 'too-short'],
  ['21 tags', withChange({ tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }), 422, 'too-long'],
  ['a tag of 65', withChange({ tags: ['x'.repeat(65)] }), 422, 'too-long'],
  [
    '33 levels',
    withChange({ payload: JSON.parse('['.repeat(32) + ']'.repeat(32)) as unknown }),
    400,
    'too-deep',
  ],
  ['100,000 levels', post('['.repeat(100_000)), 400, 'too-deep'],
  [
    '100,000 levels in a batch',
    post('['.repeat(100_000), { path: '/v1/jobs/batch' }),
    400,
    'too-deep',
  ],
  [
    '1,001 jobs',
    post(JSON.stringify({ jobs: Array(1_001).fill(rightBody) }), { path: '/v1/jobs/batch' }),
    422,
    'too-long',
  ],
  ['no jobs', post('{"jobs":[]}', { path: '/v1/jobs/batch' }), 422, 'too-short'],
];

const documents: readonly Row[] = [
  ['half a document', post('{"name":"x"'), 400, 'invalid-json'],
  ['a trailing comma', post('{"name":"x",}'), 400, 'invalid-json'],
  ['a comment', post('{/* now */"name":"x"}'), 400, 'invalid-json'],
  ['two documents', post('{}{}'), 400, 'invalid-json'],
  ['nothing', post(''), 400, 'invalid-json'],
  ['a list', post('[]'), 400, 'invalid-body'],
  ['null', post('null'), 400, 'invalid-body'],
  ['the same key twice', withText(`"dueAt":"${DUE}"`), 400, 'duplicate-key'],
  ['the same key, escaped', withText(`"due\\u0041t":"${DUE}"`), 400, 'duplicate-key'],
  ['a key twice in the payload', withText('"payload":{"a":1,"a":2}'), 400, 'duplicate-key'],
  ['__proto__', withText('"__proto__":{"isAdmin":true}'), 400, 'forbidden-key'],
  ['constructor', withText('"constructor":{"prototype":{}}'), 400, 'forbidden-key'],
  ['prototype within', withText('"retry":{"prototype":{}}'), 400, 'forbidden-key'],
  ['toString', withText('"toString":1'), 400, 'forbidden-key'],
  ['an unknown property', withChange({ colour: 'red' }), 422, 'unknown-property'],
  ['status', withChange({ status: 'succeeded' }), 422, 'unknown-property'],
  ['ownerId', withChange({ ownerId: 'bob' }), 422, 'unknown-property'],
  ['attempt', withChange({ attempt: 7 }), 422, 'unknown-property'],
  ['scheduleId', withChange({ scheduleId: ID }), 422, 'unknown-property'],
];

const texts: readonly Row[] = [
  ['bytes that are no UTF-8', post(Buffer.from([0x7b, 0xff, 0x7d])), 400, 'invalid-utf8'],
  ['an overlong slash', post(Buffer.from([0x22, 0xc0, 0xaf, 0x22])), 400, 'invalid-utf8'],
  ['UTF-16 with a mark', post(Buffer.from('\ufeff{}', 'utf16le')), 400, 'invalid-utf8'],
  ['UTF-16 without one', post(Buffer.from('{}', 'utf16le')), 400, 'invalid-utf8'],
  ['NUL, which Postgres cannot keep', withText('"payload":"\\u0000"'), 422, 'invalid-unicode'],
  ['half a surrogate pair', withText('"payload":"\\ud800"'), 422, 'invalid-unicode'],
  ['a control character', withChange({ name: 'a\u0007b' }), 422, 'invalid-unicode'],
  ['a bidirectional override', withChange({ name: 'a\u202eb' }), 422, 'invalid-unicode'],
  ['a zero-width space', withChange({ name: 'a\u200bb' }), 422, 'invalid-unicode'],
  ['a zero-width space in a tag', withChange({ tags: ['a\u200bb'] }), 422, 'invalid-unicode'],
  ['a line break in a location', at('https://example.com/\nx'), 422, 'invalid-unicode'],
  ['a queue that is a NATS wildcard', withChange({ queue: 'a.*' }), 422, 'bad-queue'],
];

const headers: readonly Row[] = [
  ['no type', withHeaders(...alice), 415, 'unsupported-media-type'],
  ['text', withHeaders(...alice, 'Content-Type', 'text/plain'), 415, 'unsupported-media-type'],
  [
    'a form',
    withHeaders(...alice, 'Content-Type', 'application/x-www-form-urlencoded'),
    415,
    'unsupported-media-type',
  ],
  [
    'parts',
    withHeaders(...alice, 'Content-Type', 'multipart/form-data; boundary=x'),
    415,
    'unsupported-media-type',
  ],
  [
    'another charset',
    withHeaders(...alice, 'Content-Type', 'application/json; charset=utf-16'),
    415,
    'unsupported-media-type',
  ],
  [
    'gzip',
    post(gzipSync(JSON.stringify(rightBody)), {
      headers: [...alice, ...json, 'Content-Encoding', 'gzip'],
    }),
    415,
    'unsupported-encoding',
  ],
  [
    'XML wanted',
    withHeaders(...alice, ...json, 'Accept', 'application/xml'),
    406,
    'not-acceptable',
  ],
  [
    'JSON wanted from the live stream',
    get('/v1/live', ['Accept', 'application/json']),
    406,
    'not-acceptable',
  ],
  ['a weak ETag', cancel('If-Match', 'W/"7"'), 400, 'bad-if-match'],
  ['any ETag', cancel('If-Match', '*'), 400, 'bad-if-match'],
  ['two ETags', cancel('If-Match', '"7", "8"'), 400, 'bad-if-match'],
  [
    'an ETag of a job to come',
    withHeaders(...alice, ...json, 'If-Match', '"0"'),
    400,
    'bad-if-match',
  ],
  ['a key with a space', cancel('Idempotency-Key', 'a b'), 400, 'bad-idempotency-key'],
  ['a key of 256', cancel('Idempotency-Key', 'x'.repeat(256)), 400, 'bad-idempotency-key'],
  ['two keys', cancel('Idempotency-Key', 'a', 'Idempotency-Key', 'b'), 400, 'bad-idempotency-key'],
  ['an event id that is none', get('/v1/live', ['Last-Event-ID', 'x']), 400, 'bad-last-event-id'],
  ['no key', withHeaders(...json), 401, 'unauthenticated'],
  ['an empty header', withHeaders('Authorization', '', ...json), 401, 'unauthenticated'],
  ['Basic', withHeaders('Authorization', 'Basic YTpi', ...json), 401, 'unauthenticated'],
  ['two headers', withHeaders(...alice, ...alice, ...json), 401, 'unauthenticated'],
  [
    'an unknown key',
    withHeaders('Authorization', bearer('guessed'), ...json),
    401,
    'unauthenticated',
  ],
  ['a token in the query', { path: `/v1/jobs?access_token=${keys.alice}` }, 401, 'unauthenticated'],
  [
    'no key and nothing right',
    { method: 'POST', path: '/v1/jobs', body: 'x' },
    401,
    'unauthenticated',
  ],
];

const routes: readonly Row[] = [
  ['DELETE', { method: 'DELETE', path: '/v1/jobs', headers: alice }, 405, 'method-not-allowed'],
  ['TRACE', { method: 'TRACE', path: '/v1/jobs', headers: alice }, 405, 'method-not-allowed'],
  [
    'an override that is no POST',
    { ...get('/v1/jobs/batch'), headers: [...alice, 'X-HTTP-Method-Override', 'POST'] },
    405,
    'method-not-allowed',
  ],
  ['PATCH on /livez', { method: 'PATCH', path: '/livez' }, 405, 'method-not-allowed'],
  ['a route that is none', get('/v1/nothing'), 404, 'not-found'],
  ['an id that is a stream name', get('/v1/jobs/$all'), 400, 'bad-id'],
  ['an id with dashes', get('/v1/jobs/a-b-c'), 400, 'bad-id'],
  ['an id that is none, in a command', { ...cancel(), path: '/v1/jobs/$$x/cancel' }, 400, 'bad-id'],
  ['a path that cannot be decoded', get('/v1/jobs/%zz'), 400, 'bad-request'],
  ['a job that is unknown', get(`/v1/jobs/${ID}`), 404, 'job-not-found'],
];

const queries: readonly Row[] = [
  ...['-1', '0', '1.5', 'abc', '1e9', '201', ''].map((limit): Row => [
    `limit ${limit}`,
    get(`/v1/jobs?limit=${limit}`),
    400,
    'bad-limit',
  ]),
  ['sort', get('/v1/jobs?sort=name'), 400, 'unknown-parameter'],
  ['a filter that is none', get('/v1/jobs?colour=red'), 400, 'unknown-parameter'],
  ['a filter on one job', get(`/v1/jobs/${ID}?status=queued`), 400, 'unknown-parameter'],
  [
    'a query on a command',
    { ...cancel(), path: `/v1/jobs/${ID}/cancel?force=1` },
    400,
    'unknown-parameter',
  ],
  ['a status that is none', get('/v1/jobs?status=late'), 400, 'bad-parameter'],
  ['a parameter twice', get('/v1/jobs?tag=a&tag=b'), 400, 'bad-parameter'],
  ['a time without offset', get('/v1/jobs?from=2026-11-23T10:00:00'), 400, 'offset-required'],
  ['a time that is none', get('/v1/jobs?to=tomorrow'), 400, 'bad-timestamp'],
  ['a cursor that is none', get('/v1/jobs?cursor=abc'), 400, 'bad-cursor'],
  [
    'a list that ends before it begins',
    get('/v1/jobs?from=2026-12-02T00:00:00Z&to=2026-12-01T23:59:59.999Z'),
    422,
    'bad-window',
  ],
  [
    'a forecast that ends before it begins',
    get('/v1/forecast?from=2026-12-02T00:00:00Z&to=2026-12-01T00:00:00Z'),
    422,
    'bad-window',
  ],
  ['NUL in a search', get('/v1/jobs?q=%00'), 422, 'invalid-unicode'],
  ['a position that is none', get('/v1/jobs?after=x'), 400, 'bad-position'],
  ['a position beyond 64 bits', get('/v1/jobs?after=9223372036854775808'), 400, 'bad-position'],
  ["another's jobs", get('/v1/jobs?ownerId=bob'), 403, 'forbidden'],
];

const targets: readonly Row[] = [
  ['no scheme', at('example.com/run'), 422, 'bad-location'],
  ['a scheme that is not on the list', at('javascript:alert(1)'), 422, 'bad-location'],
  ['a file', at('file:///etc/passwd'), 422, 'bad-location'],
  ['ftp', at('ftp://example.com/run'), 422, 'bad-location'],
  ['data', at('data:text/html,x'), 422, 'bad-location'],
  ['another case of a scheme that is not on the list', at('JavaScript:x'), 422, 'bad-location'],
  ['backslashes for slashes', at('http:\\\\example.com'), 422, 'bad-location'],
  ['a backslash in the path', at('https://example.com\\run'), 422, 'bad-location'],
  ['one slash', at('https:/example.com/run'), 422, 'bad-location'],
  ['no slash', at('https:example.com/run'), 422, 'bad-location'],
  ['three slashes', at('https:///example.com/run'), 422, 'bad-location'],
  ['a blank', at('https://example.com/a run'), 422, 'bad-location'],
  ['a blank in front', at(' https://example.com/run'), 422, 'bad-location'],
  ['a blank in what is opaque', at('print:hello world'), 422, 'bad-location'],
  ['a URL that cannot be read', at('https://'), 422, 'bad-location'],
  ['credentials', at('https://user:secret@example.com/'), 422, 'bad-location'],
  ...[
    '127.1',
    '2130706433',
    '0x7f.1',
    '①②⑦.⓪.⓪.①',
    '%31%32%37.0.0.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[::127.0.0.1]',
    '0.0.0.0',
    'localhost',
    'localhost.',
    'a.localhost',
    '169.254.169.254',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1:8443',
    '100.64.0.1',
    '[fc00::1]',
    '[fe80::1]',
  ].map((host): Row => [host, at(`http://${host}/x`), 422, 'forbidden-target']),
];

const table = Object.entries({
  times,
  numbers,
  sizes,
  documents,
  texts,
  headers,
  routes,
  queries,
  targets,
});

describe.each(table)('%s', (_area, rows) => {
  test.each(rows)('%s', async (_why, asked, status, code) => {
    const heard = await ask(server.port, asked);
    expect(heard.json).toMatchObject({ type: `/problems/${code}`, status });
    expect(heard.json).toMatchObject({
      title: expect.any(String) as string,
      detail: expect.any(String) as string,
      instance: expect.any(String) as string,
      requestId: heard.headers['x-request-id'],
    });
    expect(heard.status).toBe(status);
    expect(heard.headers['content-type']).toBe('application/problem+json');
    expect(calls).toEqual([]);
  });
});

test('a refused body closes the connection when it says it is too large: nobody reads the rest', async () => {
  const heard = await ask(server.port, post(Buffer.alloc(300_000, ' ')));
  expect(heard.headers['connection']).toBe('close');
});

test('401 says how to do it, in one body for every reason', async () => {
  const reasons = [['Authorization', 'Basic YTpi'], ['Authorization', bearer('guessed')], []];
  const heard = await Promise.all(
    reasons.map((headers) => ask(server.port, { path: '/v1/jobs', headers })),
  );
  const bodies = heard.map(({ json: { requestId: _fresh, ...body } }) => JSON.stringify(body));
  expect(new Set(bodies).size).toBe(1);
  for (const { headers: told } of heard)
    expect(told['www-authenticate']).toBe('Bearer realm="punctual"');
});

test('405 names the methods of the path', async () => {
  const heard = await ask(server.port, { method: 'PUT', path: '/v1/jobs', headers: alice });
  expect(heard.headers['allow']).toBe('POST, GET, HEAD');
});

test('of malformed and merely wrong, malformed goes first, whichever was found first', async () => {
  const { status, json: body } = await ask(
    server.port,
    withChange({ colour: 'red', dueAt: 'tomorrow' }),
  );
  expect(body['errors']).toMatchObject([{ code: 'unknown-property' }, { code: 'bad-timestamp' }]);
  expect({ status, type: body['type'] }).toEqual({ status: 400, type: '/problems/bad-timestamp' });
});

test('all errors of a body are told at once, each with its pointer', async () => {
  const { json: body } = await ask(
    server.port,
    withChange({ dueAt: 'tomorrow', timeoutMs: -1, colour: 'red', retry: { factor: 'x' } }),
  );
  expect(body['errors']).toEqual(
    expect.arrayContaining([
      { pointer: '/dueAt', code: 'bad-timestamp' },
      { pointer: '/timeoutMs', code: 'out-of-range' },
      { pointer: '/colour', code: 'unknown-property' },
      { pointer: '/retry/factor', code: 'invalid-body' },
    ]),
  );
});

describe('what looks odd and is right', () => {
  test.each([
    ['an offset of three quarters', { dueAt: '2026-11-23T16:45:00+05:45' }, DUE],
    ['the furthest offset', { dueAt: '2026-11-24T01:00:00+14:00' }, DUE],
    ['nanoseconds, which are cut', { dueAt: '2026-11-23T11:00:00.000999999Z' }, DUE],
    ['a lower bound', { timeoutMs: 1, cutoffMs: 0, retry: { maxAttempts: 1 } }, DUE],
  ])('%s', async (_why, change, dueAt) => {
    const heard = await ask(server.port, withChange(change));
    expect(heard).toMatchObject({ status: 201, json: { dueAt } });
  });

  test('a payload keeps keys that would be dangerous anywhere else, as they are', async () => {
    const payload = '{"__proto__":{"a":1},"constructor":2,"list":[{"prototype":3}]}';
    const heard = await ask(server.port, withText(`"payload":${payload}`));
    expect(heard.status).toBe(201);
    expect(heard.text).toContain(`"payload":${payload}`);
  });

  test('names are kept in normal form C, so that what looks the same is the same', async () => {
    const heard = await ask(
      server.port,
      withChange({ name: 'cafe\u0301', tags: ['e\u0301', 'é'] }),
    );
    expect(heard.json).toMatchObject({ name: 'caf\u00e9', tags: ['\u00e9'] });
  });

  test('a search is a literal text, whatever SQL would make of it', async () => {
    const q = encodeURIComponent("'; DROP TABLE jobs; -- 100% _ \\");
    expect(await ask(server.port, get(`/v1/jobs?q=${q}`))).toMatchObject({ status: 200 });
  });

  test('a charset that is UTF-8 anyway', async () => {
    const type = ['Content-Type', 'application/json; charset=UTF-8'];
    expect(await ask(server.port, withHeaders(...alice, ...type))).toMatchObject({ status: 201 });
  });

  test.each(['HTTPS://example.com/run', 'S3://bucket/key', 'gs://bucket/key', 'http://a.example'])(
    'the scheme of a location in any case: %s',
    async (location) => {
      expect(await ask(server.port, at(location))).toMatchObject({ status: 201 });
    },
  );

  test('a time with a small t and z, as RFC 3339 allows', async () => {
    const lower = DUE.toLowerCase();
    expect(await ask(server.port, due(lower))).toMatchObject({ status: 201 });
    const query = `from=${lower}&to=${lower}&asOf=2026-11-23t00:00:00z`;
    expect(await ask(server.port, get(`/v1/jobs?${query}`))).toMatchObject({ status: 200 });
  });

  test('a location that no URL parser knows is opaque', async () => {
    expect(await ask(server.port, at('print:hello%20world'))).toMatchObject({ status: 201 });
  });
});
