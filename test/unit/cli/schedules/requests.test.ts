import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf } from '../../../support/run-verb';
import { tempFolder } from '../../../support/temp-folder';
import { SCHEDULE, scheduleAnswer, startFakeApi, type FakeApi } from './fake-api';

// what is typed becomes a request, and its answer a text

const previewAnswer = {
  occurrences: [{ dueAt: '2026-03-29T01:30:00.000Z', localTime: '2026-03-29T03:30:00+02:00' }],
  skipped: [{ localTime: '2026-03-30T02:30:00', reason: 'it is excluded' }],
  meaning: ['days of either field count'],
  tzdata: '2026f',
};

let api: FakeApi;
let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeAll(async () => {
  api = await startFakeApi(({ path }) => ({
    body: path.endsWith('/preview') ? previewAnswer : scheduleAnswer,
  }));
  folder = await tempFolder('cli-schedules');
});
beforeEach(() => {
  api.asked.length = 0;
});
afterAll(async () => {
  await api.close();
  await folder.remove();
});

const rule = ['--cron', '0 9 L * *', '--zone', 'Europe/Berlin'];
const job = ['--name', 'payroll', '--location', 'https://example.com/run'];

test('create sends the least that is typed, with the key, and shows when it runs next', async () => {
  const { code, output } = await api.run('create', ...rule, ...job);
  expect(code).toBe(0);
  expect(api.asked).toEqual([
    {
      method: 'POST',
      path: '/v1/schedules',
      authorization: 'Bearer the-key',
      body: {
        name: 'payroll',
        timing: { cron: '0 9 L * *' },
        timeZone: 'Europe/Berlin',
        job: { location: 'https://example.com/run' },
      },
    },
  ]);
  expect(output).toBe(
    [
      `payroll  ${SCHEDULE}`,
      '  cron 0 9 L * * in Europe/Berlin',
      '  active',
      '  next:',
      '  2026-11-30T09:00:00+01:00  2026-11-30T08:00:00.000Z',
      '',
    ].join('\n'),
  );
});

test('create sends all that can be typed, in the units of the API', async () => {
  const all = [
    ...['--gap', 'skip', '--overlap', 'both', '--month-end', 'last', '--max-count', '7'],
    ...['--exclude', '2026-12-25', '--exclude', '2026-12-26'],
    ...['--start', '2026-12-01T00:00:00Z', '--end', '2027-12-01T00:00:00Z'],
    ...['--payload', '{"dry":true}', '--queue', 'mail', '--timeout', '5m'],
    ...['--tag', 'a', '--tag', 'b', '--spread', '30s'],
    ...['--when-missed', 'fire-all:10', '--when-still-running', 'buffer-one'],
  ];
  expect((await api.run('create', ...rule, ...job, ...all)).code).toBe(0);
  expect(api.asked[0]?.body).toEqual({
    name: 'payroll',
    timing: { cron: '0 9 L * *' },
    timeZone: 'Europe/Berlin',
    clockChange: { gap: 'skip', overlap: 'both' },
    monthEnd: 'last',
    exclude: ['2026-12-25', '2026-12-26'],
    startAt: '2026-12-01T00:00:00Z',
    endAt: '2027-12-01T00:00:00Z',
    maxCount: 7,
    spreadMs: 30_000,
    whenMissed: { policy: 'fire-all', limit: 10 },
    whenStillRunning: 'buffer-one',
    job: {
      location: 'https://example.com/run',
      payload: { dry: true },
      queue: 'mail',
      timeoutMs: 300_000,
      tags: ['a', 'b'],
    },
  });
});

test.each([
  ['skip', { policy: 'skip' }],
  ['skip:5m', { policy: 'skip', afterMs: 300_000 }],
  ['fire-once', { policy: 'fire-once' }],
])('--when-missed %s', async (text, whenMissed) => {
  await api.run('create', ...rule, ...job, '--when-missed', text);
  expect(api.asked[0]?.body).toMatchObject({ whenMissed });
});

test('an RRULE may be typed on one line, its lines parted by \\n', async () => {
  await api.run('create', '--rrule', 'DTSTART:20260105T083000\\nRRULE:FREQ=WEEKLY', ...job);
  expect(api.asked[0]?.body).toMatchObject({
    timing: { rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY' },
    timeZone: 'UTC',
  });
});

test('a file is sent as it is', async () => {
  const file = join(folder.path, 'schedule.json');
  await writeFile(file, JSON.stringify({ name: 'of a file', any: ['thing'] }));
  expect((await api.run('create', '--file', file)).code).toBe(0);
  expect(api.asked[0]?.body).toEqual({ name: 'of a file', any: ['thing'] });
});

test('preview shows the next runs, what is left out, and how the text was read', async () => {
  const { output } = await api.run(
    ...['preview', '--every', 'R/2026-01-01T00:00:00/P1D', '--count', '2'],
    ...['--from', '2026-03-28T00:00:00Z'],
  );
  expect(api.asked[0]).toMatchObject({
    path: '/v1/schedules/preview',
    body: {
      timing: { every: 'R/2026-01-01T00:00:00/P1D' },
      timeZone: 'UTC',
      from: '2026-03-28T00:00:00Z',
      count: 2,
    },
  });
  expect(output).toBe(
    [
      'days of either field count',
      '  2026-03-29T03:30:00+02:00  2026-03-29T01:30:00.000Z',
      '  left out: 2026-03-30T02:30:00, it is excluded',
      'time zone data 2026f',
      '',
    ].join('\n'),
  );
});

test.each([
  ['show', [], 'GET', '', undefined],
  ['pause', ['--note', 'books'], 'POST', '/pause', { note: 'books' }],
  ['resume', [], 'POST', '/resume', {}],
  ['trigger', [], 'POST', '/trigger', {}],
  [
    'backfill',
    ['--from', '2026-11-01T00:00:00Z', '--to', '2026-11-02T00:00:00Z'],
    'POST',
    '/backfill',
    { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' },
  ],
])('%s asks of one schedule', async (verb, flags, method, path, body) => {
  const { code, output } = await api.run(verb, SCHEDULE.toUpperCase(), ...flags, '--json');
  expect(code).toBe(0);
  expect(api.asked).toMatchObject([{ method, path: `/v1/schedules/${SCHEDULE}${path}` }]);
  expect(api.asked[0]?.body).toEqual(body);
  expect(linesOf(output)).toEqual([{ kind: 'schedule', ...scheduleAnswer }]);
});

test.each([
  [['create', ...job], 'give one of --cron, --rrule and --every'],
  [['create', ...job, ...rule, '--every', 'R/2026-01-01T00:00:00/P1D'], 'give one of --cron'],
  [['create', ...rule], 'give --name and --location, or --file'],
  [['create', ...rule, ...job, '--payload', '{'], '--payload is no JSON'],
  [['create', ...rule, ...job, '--timeout', 'soon'], '--timeout soon is no duration'],
  [['create', ...rule, ...job, '--when-missed', 'fire-all:x'], '--when-missed x is no whole'],
  [['create', ...rule, ...job, '--when-missed', 'fire-once:3'], '--when-missed fire-once'],
  [['create', '--file', 'a.json', ...rule], '--file is the whole definition'],
  [['preview', ...rule, '--count', '101'], '--count 101 is no whole number from 1 to 100'],
  [['show'], 'give one schedule id'],
  [['show', 'payroll'], '"payroll" is no schedule id: it is a UUID'],
  [['backfill', SCHEDULE, '--from', '2026-11-01T00:00:00Z'], 'give --from and --to'],
  [['list', '--limit', '0'], '--limit 0 is no whole number'],
  [['frobnicate'], 'there is no verb "frobnicate"'],
])('%j is not sent: it is told what to type, with exit code 2', async (args, told) => {
  const { code, errors } = await api.run(...args);
  expect(errors).toContain(told);
  expect(errors).toContain('usage: punctual schedules');
  expect(code).toBe(2);
  expect(api.asked).toEqual([]);
});
