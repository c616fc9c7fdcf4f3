import { startFakeApi, type FakeApi } from '../schedules/fake-api';

// what is typed becomes a request, and its answer a text

const OPERATION = '0b7e4f5c-1111-4222-8333-944455556666';
const JOB = '0b7e4f5c-1111-4222-8333-944455557777';

const answer = {
  operationId: OPERATION,
  kind: 'move',
  status: 'stopped',
  filter: { ownerId: 'ada', tag: 'red' },
  by: 'PT1H',
  items: 5,
  progress: { waiting: 0, changed: 2, unchanged: 0, refused: 1, left: 2 },
  startedAt: '2026-11-23T12:00:00.000Z',
  endedAt: '2026-11-23T12:01:00.000Z',
  note: 'the wrong tag',
};
const sample = [
  { jobId: JOB, name: 'pay the invoice', status: 'scheduled', dueAt: '2026-11-24T12:00:00.000Z' },
];

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi(({ method, body, path }) => {
    if (method === 'GET' && path.startsWith('/v1/operations?'))
      return { body: { items: [answer] } };
    const asked = (body ?? {}) as { dryRun?: boolean; jobIds?: object; since?: string };
    const { dryRun, jobIds, since } = asked;
    if (dryRun !== true) return { body: answer };
    const found = { dryRun, kind: 'cancel', count: 4_711, sample };
    const named = { others: [{ status: 'running', count: 3 }], isComplete: true, unknown: 1 };
    const fitting = { others: [{ status: 'succeeded', count: 10_000 }], isComplete: false };
    return { body: { ...found, ...(jobIds ? named : fitting), ...(since && { startedSince: 2 }) } };
  }, 'operations');
});
beforeEach(() => {
  api.asked.length = 0;
});
afterAll(() => api.close());

test('a filter is sent in the words of the API, and the answer is told as a person would', async () => {
  const { code, output } = await api.run(
    ...['start', 'move', '--status', 'scheduled,queued', '--tag', 'red', '--queue', 'mail'],
    ...['--from', '2026-11-24T00:00:00Z', '--schedule', JOB, '--owner', 'ada', '--q', 'invoice'],
    ...['--by', 'PT1H', '--reason', 'not before noon'],
  );
  expect(code).toBe(0);
  expect(api.asked).toEqual([
    expect.objectContaining({
      ...{ method: 'POST', path: '/v1/operations', authorization: 'Bearer the-key' },
      body: {
        kind: 'move',
        filter: {
          ...{ from: '2026-11-24T00:00:00Z', tag: 'red', queue: 'mail', q: 'invoice' },
          ...{ status: ['scheduled', 'queued'], scheduleId: JOB, ownerId: 'ada' },
        },
        ...{ by: 'PT1H', reason: 'not before noon' },
      },
    }),
  ]);
  expect(output).toBe(
    [
      `${OPERATION}  move by PT1H: ownerId ada, tag red`,
      '  stopped: the wrong tag',
      '  5 jobs: 2 changed, 1 refused, 2 left',
      '',
    ].join('\n'),
  );
});

test('named jobs are sent instead of a filter, and all of them are asked for by that word', async () => {
  await api.run('start', 'cancel', '--job', JOB, '--job', OPERATION);
  await api.run('start', 'cancel', '--all');
  expect(api.asked.map(({ body }) => body)).toEqual([
    { kind: 'cancel', jobIds: [JOB, OPERATION] },
    { kind: 'cancel', filter: {} },
  ]);
});

test.each([
  ['nothing that narrows it: it would be all jobs', ['start', 'cancel']],
  ['a filter and jobs', ['start', 'cancel', '--tag', 'red', '--job', JOB]],
  ['all and a filter', ['start', 'cancel', '--all', '--tag', 'red']],
  ['no kind', ['start', '--all']],
  ['an id that is none', ['show', '7']],
])('%s: nothing is asked', async (_what, args) => {
  expect(await api.run(...args)).toMatchObject({ code: 2 });
  expect(api.asked).toEqual([]);
});

test('a dry run tells how many, why not the others, and the first of them', async () => {
  const { output } = await api.run('start', 'cancel', '--tag', 'red', '--dry-run');
  expect(output).toContain('4711 jobs, not 10000+ succeeded\n');
  expect(output).toContain(`${JOB}  scheduled  2026-11-24T12:00:00.000Z  pay the invoice`);
});

test('a dry run tells how many have started since they were looked at, when it is told when that was', async () => {
  const since = '2026-11-24T12:00:00Z';
  const { output } = await api.run(
    ...['start', 'cancel', '--tag', 'red', '--dry-run', '--since', since],
  );
  expect(output).toContain(`  started since ${since}: 2+\n`);
  expect(api.asked).toMatchObject([{ body: { dryRun: true, since } }]);
});

test('a dry run of named jobs tells which of them it would not be about', async () => {
  const { output } = await api.run('start', 'cancel', '--job', JOB, '--dry-run');
  expect(output).toContain('4711 jobs, not 3 running, not 1 unknown\n');
});

test.each([
  [['show', OPERATION], 'GET', `/v1/operations/${OPERATION}`, undefined],
  [['stop', OPERATION], 'POST', `/v1/operations/${OPERATION}/stop`, {}],
  [
    ['undo', OPERATION, '--reason', 'too late'],
    ...(['POST', `/v1/operations/${OPERATION}/undo`, { reason: 'too late' }] as const),
  ],
  [
    ['list', '--status', 'running', '--limit', '3'],
    'GET',
    '/v1/operations?limit=3&status=running',
    undefined,
  ],
] as const)('%j', async (args, method, path, body) => {
  const { code, output } = await api.run(...args);
  expect(code).toBe(0);
  expect(api.asked).toEqual([expect.objectContaining({ method, path, body })]);
  expect(output).toContain(OPERATION);
});
