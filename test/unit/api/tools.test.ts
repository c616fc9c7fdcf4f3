import { once } from 'node:events';
import { request } from 'node:http';
import supertest from 'supertest';
import type { RunTool } from '../../../api/routes/tools';
import { until } from '../../support/until';
import { apiUnderTest, bearer, keys, listening, told } from './api-under-test';

type Asked = { readonly args: readonly string[]; readonly signal: AbortSignal };

/** Tools that say one line, and end when they are told to or, unless `isEndless`, by themselves. */
const fakeTools = (isEndless = false) => {
  const asked: Asked[] = [];
  const run: RunTool = async (args, onLine, signal) => {
    asked.push({ args, signal });
    await onLine('{"kind":"progress","events":1}');
    if (!isEndless) return 3;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return undefined;
  };
  return { asked, run };
};

const post = (
  app: Parameters<typeof supertest>[0],
  path: string,
  body?: object,
  key = 'operator',
) =>
  supertest(app)
    .post(path)
    .set('authorization', bearer(keys[key as keyof typeof keys]))
    .buffer(true)
    .parse((response, done) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => done(null, text));
    })
    .send(body);

test.each([
  ['replay', undefined, ['replay']],
  ['replay', { dryRun: true, maxDiffs: 5 }, ['replay', '--dry-run', '--max-diffs=5']],
  ['replay', { dryRun: false }, ['replay']],
  ['verify', {}, ['audit', 'verify']],
  [
    'verify',
    { from: '2026-11-23T10:00:00Z', to: '12800', seal: true },
    ['audit', 'verify', '--from=2026-11-23T10:00:00Z', '--to=12800', '--seal'],
  ],
  [
    'simulate',
    { source: 'log', dispatchers: 2, spread: '30s' },
    ['simulate', '--log', '--spread=30s', '--dispatchers=2'],
  ],
] as const)(
  'the tool %s asked with %j runs as the command line does, line by line, and ends with its exit code',
  async (name, body, args) => {
    const { asked, run } = fakeTools();
    const answer = await post(apiUnderTest({ runTool: run }).app, `/v1/tools/${name}`, body);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    expect(answer.body).toBe('{"kind":"progress","events":1}\n{"kind":"exit","code":3}\n');
    expect(asked.map((one) => one.args)).toEqual([args]);
  },
);

test.each([
  ['replay', { dryRun: 'yes' }],
  ['replay', { force: true }],
  ['verify', { from: 'yesterday' }],
  ['verify', { to: '--no-nats' }],
  ['simulate', { synthetic: '; rm -rf /' }],
  ['simulate', { spread: '30 years' }],
])('the tool %s asked with %j is refused and nothing runs', async (name, body) => {
  const { asked, run } = fakeTools();
  const { status } = told(
    await post(apiUnderTest({ runTool: run }).app, `/v1/tools/${name}`, body),
  );
  expect([400, 422]).toContain(status);
  expect(asked).toEqual([]);
});

test.each(['alice', 'executor'])('%s may run none of them', async (who) => {
  const { asked, run } = fakeTools();
  const { app } = apiUnderTest({ runTool: run });
  for (const name of ['replay', 'verify', 'simulate'])
    expect((await post(app, `/v1/tools/${name}`, {}, who)).status).toBe(403);
  expect(asked).toEqual([]);
});

describe('a tool that takes long', () => {
  const endless = fakeTools(true);
  const api = apiUnderTest({ runTool: endless.run });
  let server: Awaited<ReturnType<typeof listening>>;
  beforeAll(async () => {
    server = await listening(api);
  });
  afterAll(() => server.close());
  beforeEach(() => endless.asked.splice(0));

  const ask = () => {
    const sent = request(`${server.url}/v1/tools/verify`, {
      method: 'POST',
      headers: { authorization: bearer(keys.operator) },
    });
    sent.on('error', () => undefined); // hung up by the test
    sent.end();
    return sent;
  };
  const underWay = () => until(() => endless.asked[0], { what: 'the tool runs' });

  test('is told to end when its caller hangs up, and may then be asked for again', async () => {
    const sent = ask();
    const { signal } = await underWay();
    expect((await post(server.url, '/v1/tools/verify')).status).toBe(409);
    sent.destroy();
    await until(() => signal.aborted, { what: 'the tool is told to end' });
    endless.asked.splice(0);
    const again = ask();
    await underWay();
    again.destroy();
  });

  test('is told to end when the API stops, and its caller hears that it did not finish', async () => {
    await until(async () => {
      const sent = ask();
      const [response] = (await once(sent, 'response')) as [{ readonly statusCode?: number }];
      return response.statusCode === 200;
    });
    const { signal } = await underWay();
    api.drain();
    expect(signal.aborted).toBe(true);
    await until(async () => (await post(server.url, '/v1/tools/verify')).status === 503);
  });
});
