import supertest from 'supertest';
import { JobHistoryGone } from '../../../../../commands/job-stream';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
} from '../../../../../domain/event-log';
import { EventTooNew } from '../../../../../domain/events/upcast';
import type { JobAnswer } from '../../../../../commands/answers';
import {
  accepted,
  apiUnderTest,
  bearer,
  fakeCommands,
  jobOf,
  keys,
  rightBody,
} from '../../api-under-test';

type Results = {
  readonly results: readonly {
    readonly status: number;
    readonly job?: Readonly<Record<string, unknown>>;
    readonly problem?: Readonly<Record<string, unknown>>;
    readonly isReplay?: boolean;
  }[];
};

const post = async (
  body: string | object,
  fakes: ReturnType<typeof fakeCommands>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Results['results']> => {
  const heard = await supertest(apiUnderTest({ commands: fakes.commands }).app)
    .post('/v1/jobs/batch')
    .set({ authorization: bearer(keys.alice), 'content-type': 'application/json', ...headers })
    .send(typeof body === 'string' ? body : JSON.stringify(body));
  expect(heard.status).toBe(200);
  return (heard.body as Results).results; // what 200 promises
};

const named = (name: string) => ({ ...rightBody, name });

test('each job is answered for itself, in order: a bad one spoils no other', async () => {
  const fakes = fakeCommands();
  const results = await post(
    { jobs: [named('a'), { ...named('b'), colour: 'red' }, named('c'), 'no job', named('e')] },
    fakes,
  );
  expect(results.map(({ status, job }) => [status, job?.['name']])).toEqual([
    [201, 'a'],
    [422, undefined],
    [201, 'c'],
    [400, undefined],
    [201, 'e'],
  ]);
  expect(results[1]?.problem).toMatchObject({
    type: '/problems/unknown-property',
    instance: '/v1/jobs/batch#/jobs/1',
    errors: [{ pointer: '/jobs/1/colour', code: 'unknown-property' }],
  });
  expect(fakes.calls).toHaveLength(3);
});

test('a value that cannot be kept refuses its own job only', async () => {
  const fakes = fakeCommands();
  const lossy = `{"name":"b","dueAt":"${rightBody.dueAt}","location":"print:","payload":1e400}`;
  const results = await post(
    `{"jobs":[${JSON.stringify(named('a'))},${lossy},${JSON.stringify(named('c'))}]}`,
    fakes,
  );
  expect(results.map(({ status }) => status)).toEqual([201, 422, 201]);
  expect(results[1]?.problem).toMatchObject({
    errors: [{ pointer: '/jobs/1/payload', code: 'out-of-range' }],
  });
});

test('a payload in a batch is as opaque, and may be as deep, as one alone', async () => {
  const payload = `{"__proto__":1,"deep":${'['.repeat(30)}${']'.repeat(30)}}`;
  const job = `${JSON.stringify(rightBody).slice(0, -1)},"payload":${payload}}`;
  const [result] = await post(`{"jobs":[${job}]}`, fakeCommands());
  expect(result?.status).toBe(201);
  await supertest(apiUnderTest().app)
    .post('/v1/jobs')
    .set({ authorization: bearer(keys.alice), 'content-type': 'application/json' })
    .send(job)
    .expect(201);
});

test('payloads stay out of the answer: a batch of large ones would come back as large', async () => {
  const [result] = await post({ jobs: [{ ...rightBody, payload: { a: 1 } }] }, fakeCommands());
  expect(result?.job).toMatchObject({ status: 'scheduled', position: '4711' });
  expect(result?.job).not.toHaveProperty('payload');
});

test('the key of a job makes it repeatable as if it had been sent alone', async () => {
  const alone = fakeCommands();
  await supertest(apiUnderTest({ commands: alone.commands }).app)
    .post('/v1/jobs')
    .set({ authorization: bearer(keys.alice), 'idempotency-key': 'k-1' })
    .send(rightBody);
  const batch = fakeCommands();
  await post({ jobs: [{ ...rightBody, idempotencyKey: 'k-1' }, rightBody] }, batch);
  const idempotencyOf = (context: unknown) => (context as { idempotency?: object }).idempotency;
  expect(idempotencyOf(batch.calls[0]?.args[1])).toEqual(idempotencyOf(alone.calls[0]?.args[1]));
  expect(idempotencyOf(batch.calls[1]?.args[1])).toBeUndefined();
});

test('the key of a batch makes each of its jobs repeatable, by its place', async () => {
  const fakes = fakeCommands();
  await post({ jobs: [rightBody, rightBody] }, fakes, { 'idempotency-key': 'b-1' });
  expect(fakes.calls.map(({ args }) => args[1])).toMatchObject([
    { idempotency: { key: 'b-1 0' } },
    { idempotency: { key: 'b-1 1' } },
  ]);
});

test('a replayed job says so', async () => {
  const fakes = fakeCommands(() => Promise.resolve(accepted(jobOf('alice'), { isReplay: true })));
  expect(await post({ jobs: [rightBody] }, fakes)).toMatchObject([{ status: 201, isReplay: true }]);
});

test('at most 256 appends are under way at once', async () => {
  let underWay = 0;
  let most = 0;
  const fakes = fakeCommands(async (): Promise<JobAnswer> => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return accepted(jobOf('alice'));
  });
  const results = await post({ jobs: Array.from({ length: 1_000 }, () => rightBody) }, fakes);
  expect(results).toHaveLength(1_000);
  expect(most).toBe(256);
});

test('a log that is down is asked once per job under way, not once per job', async () => {
  const fakes = fakeCommands(() => Promise.reject(new EventLogUnavailable('down')));
  const results = await post({ jobs: Array.from({ length: 1_000 }, () => rightBody) }, fakes);
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set([503]));
  expect(fakes.calls).toHaveLength(256);
});

test('a job whose outcome is unknown says so, and is told apart from those that were not tried', async () => {
  let count = 0;
  const fakes = fakeCommands(() => {
    count += 1;
    return count === 2
      ? Promise.reject(new AppendOutcomeUnknown('lost'))
      : Promise.resolve(accepted(jobOf('alice')));
  });
  const results = await post({ jobs: [rightBody, rightBody, rightBody] }, fakes);
  expect(results.map(({ status }) => status)).toEqual([201, 504, 201]);
});

test.each([
  ['a newer version has written', new EventTooNew('JobScheduled v2'), 'event-too-new'],
  [
    'is larger than the event store takes',
    new EventLogRefused('no', 'too-large'),
    'event-too-large',
  ],
  ['an administrator has truncated', new JobHistoryGone('j1', 2n), 'job-history-gone'],
])(
  'a job that %s is refused for itself: the log is not down, and the others are scheduled',
  async (_why, error, code) => {
    const fakes = fakeCommands(({ args }) => {
      const { definition } = args[0] as { readonly definition: { readonly name: string } }; // a ScheduleRequest
      return definition.name === 'odd'
        ? Promise.reject(error)
        : Promise.resolve(accepted(jobOf('alice')));
    });
    const jobs = Array.from({ length: 300 }, (_, n) => named(n === 0 ? 'odd' : 'a'));
    const results = await post({ jobs }, fakes);
    expect(results[0]?.problem).toMatchObject({ type: `/problems/${code}` });
    expect(new Set(results.slice(1).map(({ status }) => status))).toEqual(new Set([201]));
  },
);
