import { keptKeys, keysFile } from '../../../../processes/composition/keys';
import { writeEndpoints } from '../../../../processes/composition/endpoints';
import { linesOf } from '../../../support/run-verb';
import { tempFolder } from '../../../support/temp-folder';
import { runVerb } from '../../../support/verb';
import { SCHEDULE, scheduleAnswer, startFakeApi, type FakeApi, type Told } from './fake-api';

// what the API says, as texts and exit codes that a person and a script understand

let told: Told;
let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi(() => told);
});
beforeEach(() => {
  api.asked.length = 0;
});
afterAll(() => api.close());

const create = [
  ...['create', '--name', 'n', '--location', 'print:'],
  ...['--cron', '0 22-2 * * *'],
];

test('a refusal is told with each mistake and its place, and ends with 3', async () => {
  told = {
    status: 422,
    type: 'application/problem+json',
    body: {
      title: 'The timing means nothing',
      detail: 'it was not kept',
      errors: [{ pointer: '/timing/cron', reason: 'hour: "22-2" runs backwards' }],
    },
  };
  const { code, errors } = await api.run(...create);
  expect(code).toBe(3);
  expect(errors).toBe(
    [
      'punctual schedules create: The timing means nothing: it was not kept',
      '  /timing/cron  hour: "22-2" runs backwards',
      '',
    ].join('\n'),
  );
});

test('with --json a refusal is a line too', async () => {
  told = { status: 404, type: 'application/problem+json', body: { title: 'There is no such one' } };
  const { code, output } = await api.run('show', SCHEDULE, '--json');
  expect(code).toBe(3);
  expect(linesOf(output)).toEqual([{ kind: 'error', message: 'There is no such one' }]);
});

test.each([
  [503, 'application/problem+json', { title: 'The log is away' }, 'The log is away'],
  [502, 'text/html', '<h1>Bad Gateway</h1>', 'the API answered 502'],
  [500, 'application/json', 'no JSON at all', 'the API answered 500'],
])('%i is no refusal: it ends with 1, whatever its body', async (status, type, body, text) => {
  told = { status, type, body };
  const { code, errors } = await api.run('pause', SCHEDULE);
  expect(errors).toBe(`punctual schedules pause: ${text}\n`);
  expect(code).toBe(1);
});

test('what is no API is told as such', async () => {
  told = { type: 'text/html', body: '<h1>Welcome to nginx</h1>' };
  const { code, errors } = await api.run('show', SCHEDULE);
  expect(errors).toContain(`${api.url} does not answer as the API of Punctual does`);
  expect(code).toBe(1);
});

test('where nothing listens it is told who was asked, and ends with 1', async () => {
  const gone = await startFakeApi(() => told);
  await gone.close();
  const { code, errors } = await gone.run('show', SCHEDULE);
  expect(errors).toContain(`punctual schedules show: ${gone.url} cannot be asked: connect ECONN`);
  expect(errors).toContain('Is it running?');
  expect(code).toBe(1);
});

test('an API that goes away before it answers may have done it: that is told, and ends with 1', async () => {
  told = { body: '', breaksOff: true };
  const { code, errors } = await api.run('trigger', SCHEDULE);
  expect(errors).toContain(`${api.url} has given no answer`);
  expect(errors).toContain('Nobody knows whether it was done');
  expect(code).toBe(1);
});

test('an answer that got lost is asked for once more with the same key, so that nothing is done twice', async () => {
  const answers: Told[] = [{ body: '', breaksOff: true }, { body: scheduleAnswer }];
  const flaky = await startFakeApi(() => answers.shift() ?? { status: 500, body: {} });
  const { code } = await flaky.run('trigger', SCHEDULE);
  expect(code).toBe(0);
  expect(flaky.idempotencyKeys).toHaveLength(2);
  expect(new Set(flaky.idempotencyKeys).size).toBe(1);
  expect(flaky.idempotencyKeys[0]).toMatch(/^[\da-f-]{36}$/);
  await flaky.close();
});

test.each([
  ['localhost:3000', 'is no URL'],
  ['nonsense', 'is no URL'],
])('--url %s is told to be none', async (url, text) => {
  const { code, errors } = await api.run('show', SCHEDULE, '--url', url);
  expect(errors).toContain(`--url ${url} ${text}`);
  expect(code).toBe(2);
});

describe('on the folder of a stack', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  const onFolder = (...args: readonly string[]) =>
    runVerb(['schedules', ...args, '--data-dir', folder.path]);
  beforeAll(async () => {
    folder = await tempFolder('cli-stack');
  });
  afterAll(() => folder.remove());

  test('nobody is asked while none runs there, and it is told what to give', async () => {
    const { code, errors } = await onFolder('list');
    expect(errors).toContain('give --url or PUNCTUAL_URL, or --data-dir');
    expect(code).toBe(2);
  });

  test('its API is asked with its key of a user; newer zone data with that of its operator', async () => {
    await writeEndpoints(folder.path, {
      ...{ httpUrl: api.url, postgresUrl: '', natsUrl: '', eventstoreUrl: '' },
      ...{ coreMetricsUrl: '', planMetricsUrl: '', archiveMetricsUrl: '', pids: {} },
    });
    const { keys } = await keptKeys(keysFile(folder.path));
    const bearerOf = (role: string) =>
      `Bearer ${keys.apiKeys.find((one) => one.role === role)?.key}`;
    told = { body: scheduleAnswer };
    expect((await onFolder('show', SCHEDULE)).code).toBe(0);
    told = { body: { tzdata: '2026f', items: [] } };
    expect((await onFolder('tzdata')).code).toBe(0);
    expect(api.asked.map(({ authorization }) => authorization)).toEqual([
      bearerOf('user'),
      bearerOf('operator'),
    ]);
  });
});
