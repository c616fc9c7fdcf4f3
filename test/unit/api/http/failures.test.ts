import supertest from 'supertest';
import type { ApiDeps } from '../../../../api/app';
import { JobUnreadable } from '../../../../commands/job-stream';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
} from '../../../../domain/event-log';
import { EventTooNew } from '../../../../domain/events/upcast';
import { silentLogger } from '../../../support/processes';
import {
  accepted,
  jobOf,
  apiUnderTest,
  bearer,
  fakeCommands,
  fakeFeed,
  keys,
  rightBody,
  viewFor,
  type Fakes,
} from '../api-under-test';

type Refused = {
  readonly because: 'access-denied' | 'too-large';
  readonly status: number;
  readonly code: string;
};

const never = new Promise<never>(() => undefined);

const post = (fakes: Fakes) =>
  supertest(apiUnderTest(fakes).app)
    .post('/v1/jobs')
    .set('authorization', bearer(keys.alice))
    .send(rightBody);

const get = (fakes: Fakes, path = '/v1/jobs') =>
  supertest(apiUnderTest(fakes).app).get(path).set('authorization', bearer(keys.alice));

const throwing = (error: Error) => fakeCommands(() => Promise.reject(error)).commands;

const queries = (list: ApiDeps['jobs']['list'], pending = 0): ApiDeps['jobs'] => ({
  one: () => never,
  list,
  countPending: () => Promise.resolve(pending),
});

test('a log that cannot be reached: 503, nothing was changed, come back', async () => {
  const heard = await post({ commands: throwing(new EventLogUnavailable('down')) });
  expect(heard.status).toBe(503);
  expect(heard.headers['retry-after']).toBe('1');
  expect(heard.body).toMatchObject({ type: '/problems/event-log-unavailable' });
});

test.each`
  because            | status | code                   | why
  ${'access-denied'} | ${503} | ${'event-log-refuses'} | ${'an operator has to act; trying again does not help'}
  ${'too-large'}     | ${413} | ${'event-too-large'}   | ${'less of it would be taken'}
`('a log that says no for good: $code, $why', async ({ because, status, code }: Refused) => {
  const heard = await post({ commands: throwing(new EventLogRefused('no', because)) });
  expect(heard.status).toBe(status);
  expect(heard.headers['retry-after']).toBeUndefined();
  expect(heard.body).toMatchObject({ type: `/problems/${code}` });
});

test('an append whose answer got lost: 504, and how to learn what became of it', async () => {
  const heard = await post({ commands: throwing(new AppendOutcomeUnknown('lost')) });
  expect(heard.status).toBe(504);
  expect(heard.body).toMatchObject({
    type: '/problems/outcome-unknown',
    detail: expect.stringContaining('same Idempotency-Key') as string,
  });
});

test.each(['cancel', 'reschedule', 'run-now', 'abort', 'redrive'])(
  'an unreadable job: 409 for %s with a name of its own, and a line that says why for operators',
  async (verb) => {
    const logged: object[] = [];
    const error = new JobUnreadable(
      'j',
      undefined,
      new Error('JobStarted at revision 2 has no attempt'),
    );
    const { app } = apiUnderTest({
      commands: throwing(error),
      logger: { ...silentLogger, error: (fields) => logged.push(fields) },
    });
    const heard = await supertest(app)
      .post(`/v1/jobs/01a2089c-4fc9-7dca-9883-87bd509e2e6c/${verb}`)
      .set('authorization', bearer(keys.alice))
      .send(verb === 'reschedule' ? { dueAt: rightBody.dueAt } : {});
    expect(heard.status).toBe(409);
    expect(heard.body).toMatchObject({ type: '/problems/job-unreadable' });
    expect(JSON.stringify(heard.body)).not.toContain('revision 2');
    expect(logged).toMatchObject([{ err: error }]);
  },
);

test('a job that a newer version has written: 503 for its caller, a line that names the event for operators', async () => {
  const logged: object[] = [];
  const error = new EventTooNew('JobScheduled v2 is newer than this build');
  const heard = await post({
    commands: throwing(error),
    logger: { ...silentLogger, error: (fields) => logged.push(fields) },
  });
  expect(heard.status).toBe(503);
  expect(heard.headers['retry-after']).toBe('1');
  expect(heard.body).toMatchObject({ type: '/problems/event-too-new' });
  expect(logged).toEqual([
    expect.objectContaining({ err: error, requestId: heard.headers['x-request-id'] }) as object,
  ]);
});

test('a command that hangs is answered at the deadline, as unknown', async () => {
  const { commands } = fakeCommands(() => never);
  const heard = await post({ commands, requestDeadlineMs: 20 });
  expect(heard.body).toMatchObject({ status: 504, type: '/problems/outcome-unknown' });
  expect(heard.headers['retry-after']).toBe('1');
});

test('a query that hangs is answered at the deadline', async () => {
  const heard = await get({ jobs: queries(() => never), requestDeadlineMs: 20 });
  expect(heard.body).toMatchObject({ status: 503, type: '/problems/read-model-unavailable' });
});

test('Postgres being away is an outage, not a bug', async () => {
  const gone = new Error('ECONNREFUSED');
  const heard = await get({
    jobs: queries(() => Promise.reject(gone)),
    isOutage: (error) => error === gone,
  });
  expect(heard.status).toBe(503);
  expect(heard.headers['retry-after']).toBe('1');
  expect(heard.body).toMatchObject({ type: '/problems/read-model-unavailable' });
});

test('a bug is logged with its request id, and tells the caller nothing else', async () => {
  const logged: object[] = [];
  const quiet = (): void => undefined;
  const heard = await get({
    jobs: queries(() => Promise.reject(new Error('select secret from table'))),
    logger: { debug: quiet, info: quiet, warn: quiet, error: (fields) => logged.push(fields) },
  });
  expect(heard.status).toBe(500);
  expect(heard.text).not.toContain('secret');
  expect(logged).toEqual([
    expect.objectContaining({ requestId: heard.headers['x-request-id'] }) as object,
  ]);
});

test('a live connection is not opened while the feed cannot be read', async () => {
  const gone = new Error('ECONNREFUSED');
  const statusFeed = { ...fakeFeed().feed, head: () => Promise.reject(gone) };
  const heard = await get({ statusFeed, isOutage: () => true }, '/v1/live');
  expect(heard.status).toBe(503);
});

describe('limits that an operator sets', () => {
  const limits = {
    requests: { kind: 'unlimited' },
    pendingJobs: { kind: 'unlimited' },
    schedulesPerOwner: { kind: 'unlimited' },
    openOperations: { kind: 'unlimited' },
    webhooksPerOwner: { kind: 'unlimited' },
    liveStreams: 3,
    allowPrivateTargets: false,
    locationSchemes: ['https', 'http'],
  } as const;

  test('requests beyond the rate: 429 with how long to wait, and for nobody else', async () => {
    const { app } = apiUnderTest({
      limits: { ...limits, requests: { kind: 'limited', max: 2, windowMs: 60_000 } },
    });
    const as = (key: string) => supertest(app).get('/v1/jobs').set('authorization', bearer(key));
    await as(keys.alice).expect(200);
    await as(keys.alice).expect(200);
    const heard = await as(keys.alice);
    expect(heard.status).toBe(429);
    expect(Number(heard.headers['retry-after'])).toBeGreaterThan(0);
    expect(heard.body).toMatchObject({ type: '/problems/rate-limited' });
    await as(keys.bob).expect(200);
  });

  test('pending jobs beyond the quota: 409, counting what was scheduled since the count', async () => {
    const { commands, calls } = fakeCommands();
    const { app } = apiUnderTest({
      commands,
      jobs: queries(() => never, 3),
      limits: { ...limits, pendingJobs: { kind: 'limited', max: 5 } },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const { status } = await supertest(app)
        .post('/v1/jobs')
        .set('authorization', bearer(keys.alice))
        .send(rightBody);
      statuses.push(status);
    }
    expect(statuses).toEqual([201, 201, 409]);
    expect(calls).toHaveLength(2);
  });

  test('a full quota refuses no repeat: what was accepted once is answered again', async () => {
    const { commands, calls } = fakeCommands();
    const earlier = accepted(jobOf('alice'), { isReplay: true });
    const { app } = apiUnderTest({
      commands: { ...commands, scheduledBefore: () => Promise.resolve(earlier) },
      jobs: queries(() => never, 5),
      limits: { ...limits, pendingJobs: { kind: 'limited', max: 5 } },
    });
    const repeat = await supertest(app)
      .post('/v1/jobs')
      .set('authorization', bearer(keys.alice))
      .set('idempotency-key', 'k-1')
      .send(rightBody);
    expect([repeat.status, repeat.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect(calls).toEqual([]);
  });

  test('a quota that cannot be counted does not stop anybody: the log decides, not the cache', async () => {
    const jobs = {
      ...queries(() => never),
      countPending: () => Promise.reject(new Error('ECONNREFUSED')),
    };
    await post({ jobs, limits: { ...limits, pendingJobs: { kind: 'limited', max: 1 } } }).expect(
      201,
    );
  });

  test('private targets, for one who runs it all on one machine', async () => {
    const { app } = apiUnderTest({ limits: { ...limits, allowPrivateTargets: true } });
    await supertest(app)
      .post('/v1/jobs')
      .set('authorization', bearer(keys.alice))
      .send({ ...rightBody, location: 'http://127.0.0.1:8080/run' })
      .expect(201);
  });
});

test('while draining every answer closes its connection, and the server is not ready', async () => {
  const view = viewFor('alice');
  const { app, drain } = apiUnderTest({ views: [view] });
  await supertest(app).get('/readyz').expect(200);
  drain();
  const ready = await supertest(app).get('/readyz');
  expect(ready.status).toBe(503);
  const heard = await supertest(app)
    .get(`/v1/jobs/${view.jobId}`)
    .set('authorization', bearer(keys.alice));
  expect(heard.status).toBe(200);
  expect(heard.headers['connection']).toBe('close');
  await supertest(app).get('/v1/live').set('authorization', bearer(keys.alice)).expect(503);
});
