import { once } from 'node:events';
import { request } from 'node:http';
import type { RunTool } from '../../../../../api/routes/tools/run-tool';
import type { ToolsDeps } from '../../../../../api/routes/tools/tools';
import { until } from '../../../../support/until';
import { apiUnderTest, bearer, keys, listening, told } from '../../api-under-test';
import { fakeTools, post } from './fake-tools';

const HEAD = 'a'.repeat(64);
const JOB = '0199d3a0-0000-7000-8000-000000000001';

test.each([
  ['replay', undefined, ['replay']],
  ['replay', { dryRun: true, maxDiffs: 5 }, ['replay', '--dry-run', '--max-diffs=5']],
  ['replay', { dryRun: false }, ['replay']],
  [
    'replay',
    { to: 'other', fresh: true, rate: 2_000 },
    ['replay', '--to=other', '--fresh', '--rate=2000'],
  ],
  ['verify', {}, ['audit', 'verify']],
  [
    'verify',
    { from: '2026-11-23T10:00:00Z', to: '12800', seal: true },
    ['audit', 'verify', '--from=2026-11-23T10:00:00Z', '--to=12800', '--seal'],
  ],
  [
    'verify',
    { seal: true, lastSeal: HEAD, overdueAfter: '90m', rate: 'full' },
    ['audit', 'verify', '--seal', `--last-seal=${HEAD}`, '--overdue-after=90m', '--rate=full'],
  ],
  [
    'verify',
    { owners: 3, maxViolations: 0, noReadModel: true, noNats: true },
    ['audit', 'verify', '--owners=3', '--max-violations=0', '--no-read-model', '--no-nats'],
  ],
  [
    'simulate',
    { source: 'log', dispatchers: 2, spread: '30s' },
    ['simulate', '--log', '--dispatchers=2', '--spread=30s'],
  ],
  [
    'export',
    { from: '2026-11-23T10:00:00Z', to: '12800' },
    ['audit', 'export', '--from=2026-11-23T10:00:00Z', '--to=12800', '--out=-'],
  ],
  ['export', { job: JOB }, ['audit', 'export', `--job=${JOB}`, '--out=-']],
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
  ['replay', { to: 'Public; drop' }],
  ['replay', { rate: 0 }],
  ['replay', { rate: 'fast' }],
  ['verify', { from: 'yesterday' }],
  ['verify', { seal: true, lastSeal: '/etc/passwd' }],
  ['verify', { publicKey: '/etc/passwd' }],
  ['verify', { overdueAfter: '90' }],
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
  for (const name of ['replay', 'verify', 'export', 'simulate'])
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

describe('what a verification found', () => {
  const SUMMARY =
    '{"kind":"summary","events":30,"jobs":4,"violations":1,"gone":0,"position":"4711"}';
  const verify = async (
    lines: readonly string[],
    body: object,
    record: ToolsDeps['recordVerification'],
  ) => {
    const runTool: RunTool = async (_args, onLine) => {
      for (const line of lines) await onLine(line);
      return 3;
    };
    const { app } = apiUnderTest({ runTool, recordVerification: record });
    return await post(app, '/v1/tools/verify', body);
  };

  test('is recorded with who asked, the window and the head of the seals, before its exit is told', async () => {
    const recorded: unknown[] = [];
    const lines = [`{"kind":"seals","blocks":2,"head":"${HEAD}"}`, SUMMARY];
    const answer = await verify(lines, { from: '12', seal: true }, (...told) => {
      recorded.push(told);
      return Promise.resolve();
    });
    expect(recorded).toEqual([
      [
        { from: '12', position: '4711', events: 30, violations: 1, gone: 0, sealHead: HEAD },
        { kind: 'operator', id: expect.any(String) as string },
      ],
    ]);
    expect(answer.body).toContain('{"kind":"exit","code":3}');
  });

  test('is recorded with what it did not look at: it proves less', async () => {
    const recorded: unknown[] = [];
    await verify([SUMMARY], { noReadModel: true, noNats: true }, (found) => {
      recorded.push(found);
      return Promise.resolve();
    });
    await verify([SUMMARY], { noReadModel: false }, (found) => {
      recorded.push(found);
      return Promise.resolve();
    });
    const all = { position: '4711', events: 30, violations: 1, gone: 0 };
    expect(recorded).toEqual([{ ...all, noReadModel: true, noNats: true }, all]);
  });

  test('is told all the same when the log does not take the record', async () => {
    const answer = await verify([SUMMARY], {}, () => Promise.reject(new Error('away')));
    expect(answer.body).toBe(`${SUMMARY}\n{"kind":"exit","code":3}\n`);
  });

  test('is nothing when it did not come to its end, whatever a long line begins with', async () => {
    const refuse = () => Promise.reject(new Error('nothing to record'));
    const record = jest.fn(refuse);
    await verify(['{"kind":"progress"}', `{"kind":"seals","of":"${'x'.repeat(9_000)}`], {}, record);
    expect(record).not.toHaveBeenCalled();
  });
});
