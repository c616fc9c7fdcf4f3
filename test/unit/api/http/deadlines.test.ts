import supertest from 'supertest';
import { noShares } from '../../../../domain/shares/shares';
import {
  apiUnderTest,
  bearer,
  fakeCommands,
  fakeHistory,
  keys,
  rightBody,
  told,
  type Fakes,
} from '../api-under-test';

const never = (): Promise<never> => new Promise(() => undefined);
const jobs = {
  one: () => Promise.resolve(undefined),
  list: () => Promise.resolve({ items: [] }),
  countPending: () => Promise.resolve(0),
};
const shares = {
  current: () => Promise.resolve({ shares: noShares }),
  set: never,
};
const queues = {
  states: { list: () => Promise.resolve({ queues: [], isBacklogCut: false }) },
  limits: () => Promise.resolve(() => ({})),
};
const job = '/v1/jobs/01a2089c-4fc9-7dca-9883-87bd509e2e6c';

const ask = async (method: 'get' | 'put' | 'post', path: string, fakes: Fakes, body?: object) => {
  const { app } = apiUnderTest({ ...fakes, requestDeadlineMs: 20 });
  return told(
    await supertest(app)[method](path).set('authorization', bearer(keys.operator)).send(body),
  );
};

test.each<readonly [what: string, path: string, fakes: Fakes, code: string]>([
  ['the list', '/v1/jobs', { jobs: { ...jobs, list: never } }, 'read-model-unavailable'],
  ['the row', job, { jobs: { ...jobs, one: never } }, 'read-model-unavailable'],
  ['the log', job, { history: fakeHistory({ state: never }) }, 'event-log-unavailable'],
  [
    'the log of the past',
    `${job}?asOf=5`,
    { history: fakeHistory({ stateAsOf: never }) },
    'event-log-unavailable',
  ],
  [
    'the history',
    `${job}/events`,
    { history: fakeHistory({ events: never }) },
    'event-log-unavailable',
  ],
  [
    'the story',
    `${job}/story`,
    { history: fakeHistory({ story: never }) },
    'event-log-unavailable',
  ],
  ['the forecast', '/v1/forecast', { forecast: never }, 'read-model-unavailable'],
  [
    'the document',
    '/v1/shares',
    { shares: { ...shares, current: never } },
    'event-log-unavailable',
  ],
  [
    'the queues',
    '/v1/queues',
    { queues: { ...queues, states: { list: never } } },
    'read-model-unavailable',
  ],
  [
    'the limits in force',
    '/v1/queues',
    { queues: { ...queues, limits: never } },
    'event-log-unavailable',
  ],
])(
  'nothing comes of %s: at the deadline %s says which server it waited for',
  async (_what, path, fakes, code) => {
    const { status, headers, body } = await ask('get', path, fakes);
    expect({ status, body }).toMatchObject({ status: 503, body: { type: `/problems/${code}` } });
    expect(headers['retry-after']).toBe('1');
  },
);

test('what changes something is answered as unknown, for it may have been changed', async () => {
  const { commands } = fakeCommands(never);
  const unknown = { status: 504, type: '/problems/outcome-unknown' };
  for (const verb of ['cancel', 'run-now', 'abort', 'redrive'])
    expect((await ask('post', `${job}/${verb}`, { commands })).body).toMatchObject(unknown);
  expect((await ask('put', '/v1/shares', { shares }, noShares)).body).toMatchObject(unknown);
  const { body } = await ask('post', '/v1/jobs/batch', { commands }, { jobs: [rightBody] });
  expect(body).toMatchObject({ results: [{ status: 504, problem: unknown }] });
});

test('the description has 504 for the routes that may be answered as unknown, and for no others', async () => {
  const { body } = told(await supertest(apiUnderTest().app).get('/openapi.json'));
  const { paths } = body as {
    paths: Record<string, Record<string, { operationId: string; responses: object }>>;
  };
  const all = Object.values(paths).flatMap((operations) => Object.values(operations));
  const unknown = all.filter(({ responses }) => '504' in responses);
  expect(unknown.map(({ operationId }) => operationId).sort()).toEqual([
    'abortJob',
    'backfillSchedule',
    'cancelJob',
    'cancelOccurrence',
    'changeSchedule',
    'changeWebhook',
    'createSchedule',
    'createWebhook',
    'deleteSchedule',
    'deleteWebhook',
    'moveOccurrence',
    'pauseSchedule',
    'redriveJob',
    'rescheduleJob',
    'resendDelivery',
    'resumeSchedule',
    'resumeWebhook',
    'rotateWebhookSecret',
    'runJobNow',
    'scheduleJob',
    'scheduleJobs',
    'setShares',
    'startOperation',
    'stopOperation',
    'testWebhook',
    'triggerSchedule',
    'undoOperation',
  ]);
});
