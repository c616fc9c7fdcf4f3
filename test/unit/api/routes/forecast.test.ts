import supertest from 'supertest';
import type { Crowding } from '../../../../api/routes/jobs/crowding';
import type { ForecastQuery } from '../../../../projections/queries/forecast';
import {
  accepted,
  apiUnderTest,
  bearer,
  DUE,
  fakeCommands,
  jobOf,
  keys,
  NOW,
  rightBody,
  told,
} from '../api-under-test';

const minute = '2026-11-23T11:00:00.000Z';

const ask = async (query: string, key: string = keys.alice, next?: ForecastQuery['after']) => {
  const asked: ForecastQuery[] = [];
  const { app } = apiUnderTest({
    forecast: (one) => {
      asked.push(one);
      const buckets = [{ at: Date.parse(minute), group: one.by ? 'mail' : '', jobs: 3 }];
      return Promise.resolve({ buckets, ...(next && { next }) });
    },
  });
  const { status, body } = told(
    await supertest(app).get(`/v1/forecast${query}`).set('authorization', bearer(key)),
  );
  return { status, body, asked: asked[0] };
};

describe('GET /v1/forecast', () => {
  test('without parameters: the next 24 hours by minute, of who asks', async () => {
    const { status, body, asked } = await ask('');
    expect(asked).toEqual({
      step: 'minute',
      from: NOW,
      to: NOW + 86_400_000,
      ownerId: 'alice',
      limit: 10_000,
    });
    expect([status, body]).toEqual([
      200,
      {
        from: '2026-11-23T10:00:00.000Z',
        to: '2026-11-24T10:00:00.000Z',
        step: 'minute',
        buckets: [{ at: minute, jobs: 3 }],
      },
    ]);
  });

  test('an operator sees all, divided by queue or owner, or the jobs of one owner', async () => {
    const byOwner = await ask('?by=owner', keys.operator);
    expect(byOwner.asked).not.toHaveProperty('ownerId');
    expect(byOwner.body).toMatchObject({ buckets: [{ at: minute, jobs: 3, ownerId: 'mail' }] });
    const ofOne = await ask('?ownerId=bob&by=queue&queue=mail', keys.operator);
    expect(ofOne.asked).toMatchObject({ ownerId: 'bob', by: 'queue', queue: 'mail' });
    expect(ofOne.body).toMatchObject({ buckets: [{ at: minute, jobs: 3, queue: 'mail' }] });
  });

  test('a next page begins where the one before ended', async () => {
    const key = { at: Date.parse(minute), group: 'ä"\\' };
    const { body } = await ask('?by=queue', keys.alice, key);
    const { next } = body as { readonly next: string }; // there because more follow
    expect((await ask(`?by=queue&cursor=${next}`)).asked).toMatchObject({ after: key });
  });

  const place = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each`
    query                                    | status | code                   | why
    ${'?step=week'}                          | ${400} | ${'bad-parameter'}     | ${'no such step'}
    ${'?from=tomorrow'}                      | ${400} | ${'bad-timestamp'}     | ${'no timestamp'}
    ${'?to=2026-11-23T09:00:00Z'}            | ${422} | ${'bad-window'}        | ${'it ends before now'}
    ${'?to=2026-11-24T10:01:00Z'}            | ${422} | ${'bad-window'}        | ${'more than a day by minute'}
    ${'?step=hour&to=2026-12-25T10:00:00Z'}  | ${422} | ${'bad-window'}        | ${'more than 31 days by hour'}
    ${'?step=day&from=9999-12-31T00:00:00Z'} | ${422} | ${'bad-window'}        | ${'nothing is due then'}
    ${'?by=owner'}                           | ${403} | ${'forbidden'}         | ${'owners are for operators'}
    ${'?ownerId=bob'}                        | ${403} | ${'forbidden'}         | ${'a foreign owner'}
    ${'?by=tag'}                             | ${400} | ${'bad-parameter'}     | ${'no such division'}
    ${'?queue=a%20b'}                        | ${422} | ${'bad-queue'}         | ${'no queue has that name'}
    ${'?status=queued'}                      | ${400} | ${'unknown-parameter'} | ${'all of them are scheduled'}
    ${'?cursor=x'}                           | ${400} | ${'bad-cursor'}        | ${'no JSON'}
    ${`?cursor=${place([9e15, ''])}`}        | ${400} | ${'bad-cursor'}        | ${'no time of ours'}
    ${`?cursor=${place([1, '\0'])}`}         | ${400} | ${'bad-cursor'}        | ${'no text of ours'}
    ${`?cursor=${place('a')}`}               | ${400} | ${'bad-cursor'}        | ${'no place'}
  `('$query is refused with $code: $why', async ({ query, status, code }) => {
    const heard = await ask(String(query));
    expect(heard.asked).toBeUndefined();
    expect(heard.status).toBe(status);
    expect(heard.body).toMatchObject({ type: `/problems/${String(code)}` });
  });

  test('a count that takes too long is given up', async () => {
    const { app } = apiUnderTest({
      forecast: () => new Promise(() => undefined),
      requestDeadlineMs: 20,
    });
    const heard = await supertest(app).get('/v1/forecast').set('authorization', bearer(keys.alice));
    expect(heard.status).toBe(503);
  });

  test('its limits are published', async () => {
    const { app } = apiUnderTest();
    const { body } = told(
      await supertest(app).get('/v1/limits').set('authorization', bearer(keys.alice)),
    );
    expect(body).toMatchObject({
      forecastSpanMs: { minute: 86_400_000, hour: 31 * 86_400_000, day: 366 * 86_400_000 },
      forecastBuckets: 10_000,
    });
  });
});

describe('a crowded minute', () => {
  const warning = { code: 'crowded-minute', minute, jobs: 12_000, capacity: 10_000 } as const;
  const crowdingOf = () => {
    const added: number[] = [];
    const crowding: Crowding = {
      toldTo: () => ({
        add: (dueAt) => {
          added.push(dueAt);
          return warning;
        },
        at: () => warning,
      }),
    };
    return { crowding, added };
  };
  const post = async (path: string, body: object, fakes: Parameters<typeof apiUnderTest>[0]) =>
    told(
      await supertest(apiUnderTest(fakes).app)
        .post(path)
        .set('authorization', bearer(keys.alice))
        .send(body),
    );
  const path = '/v1/jobs/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';

  test('is told with the job that adds to it: it is accepted all the same', async () => {
    const { crowding, added } = crowdingOf();
    const { status, body } = await post('/v1/jobs', rightBody, { crowding });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'scheduled', warnings: [warning] });
    expect(added).toEqual([Date.parse(DUE)]);
  });

  test('is told with each job of a batch', async () => {
    const { crowding } = crowdingOf();
    const { body } = await post('/v1/jobs/batch', { jobs: [rightBody, rightBody] }, { crowding });
    const job = { status: 201, job: { warnings: [warning] } };
    expect(body).toMatchObject({ results: [job, job] });
  });

  test('is told with a reschedule, and with no command that sets no due time', async () => {
    const { crowding } = crowdingOf();
    const moved = await post(`${path}/reschedule`, { dueAt: DUE }, { crowding });
    expect(moved.body).toMatchObject({ warnings: [warning] });
    const gone = await post(`${path}/cancel`, {}, { crowding });
    expect(gone.body).not.toHaveProperty('warnings');
  });

  test('counts a repeated request once', async () => {
    const { crowding, added } = crowdingOf();
    const { commands } = fakeCommands(() =>
      Promise.resolve(accepted(jobOf('alice'), { isReplay: true })),
    );
    const { body } = await post('/v1/jobs', rightBody, { crowding, commands });
    expect(body).toMatchObject({ warnings: [warning] });
    expect(added).toEqual([]);
  });

  test.each([
    ['POST', '/v1/jobs', rightBody],
    ['POST', '/v1/jobs/batch', { jobs: [rightBody] }],
    ['POST', `${path}/reschedule`, { dueAt: DUE }],
    ['GET', `/v1/crowding?dueAt=${DUE}`, undefined],
  ] as const)(
    'is told by %s %s as the role of who asks allows: its jobs are for operators to count',
    async (method, asked, body) => {
      const crowding: Crowding = {
        toldTo: ({ role }) => {
          const seen = { ...warning, jobs: role === 'operator' ? 12_345 : 10_000 };
          return { add: () => seen, at: () => seen };
        },
      };
      const { app } = apiUnderTest({ crowding });
      const as = async (key: string) => {
        const sent = method === 'GET' ? supertest(app).get(asked) : supertest(app).post(asked);
        return (await sent.set('authorization', bearer(key)).send(body)).text;
      };
      expect(await as(keys.alice)).toContain('"jobs":10000');
      expect(await as(keys.operator)).toContain('"jobs":12345');
    },
  );

  test('that is not known leaves the answer as it was', async () => {
    const { body } = await post('/v1/jobs', rightBody, {});
    expect(body).not.toHaveProperty('warnings');
  });
});
