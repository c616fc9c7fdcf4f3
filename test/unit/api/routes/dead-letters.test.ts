import supertest from 'supertest';
import type { JobFilter } from '../../../../domain/job/filter';
import type { DeadLetters } from '../../../../projections/queries/dead-letters';
import type { PastJobs } from '../../../../projections/queries/past/jobs-as-of';
import { apiUnderTest, bearer, keys, noPast, told } from '../api-under-test';

const AT = '2026-11-23T09:00:00.000Z';
const found: DeadLetters = {
  causes: [
    {
      ...{ errorCode: 'HTTP_500', queue: 'mail', jobs: 3, isCounted: true },
      ...{ firstAt: AT, lastAt: AT },
      last: {
        ...{ jobId: '019ab000-0000-7000-8000-000000000001', ownerId: 'alice' },
        ...{ name: 'newsletter', message: 'upstream is away' },
      },
    },
  ],
  isComplete: true,
};

const ask = async (query: string, key: string = keys.alice) => {
  const asked: (string | undefined)[] = [];
  const { app } = apiUnderTest({
    deadLetters: (ownerId) => {
      asked.push(ownerId);
      return Promise.resolve(found);
    },
  });
  const { status, body } = told(
    await supertest(app).get(`/v1/dead-letters${query}`).set('authorization', bearer(key)),
  );
  return { status, body, asked };
};

describe('GET /v1/dead-letters', () => {
  test('tells a user of own ones alone, an operator of all or of one owner', async () => {
    expect(await ask('')).toEqual({ status: 200, body: found, asked: ['alice'] });
    expect((await ask('', keys.operator)).asked).toEqual([undefined]);
    expect((await ask('?ownerId=bob', keys.operator)).asked).toEqual(['bob']);
  });

  test.each`
    query              | status | code                   | why
    ${'?ownerId=bob'}  | ${403} | ${'forbidden'}         | ${'they are another’s'}
    ${'?queue=mail'}   | ${400} | ${'unknown-parameter'} | ${'each queue is told by itself'}
    ${'?after=latest'} | ${400} | ${'bad-position'}      | ${'no position'}
  `('$query is refused with $code: $why', async ({ query, status, code }) => {
    const heard = await ask(String(query));
    expect(heard.asked).toEqual([]);
    expect(heard.status).toBe(status);
    expect(heard.body).toMatchObject({ type: `/problems/${String(code)}` });
  });

  test('as they stood they come from the fold of lists of the past, of the same owner', async () => {
    const asked: object[] = [];
    const pastJobs: PastJobs = {
      ...noPast,
      deadLetters: ({ signal: _signal, ...request }) => {
        asked.push(request);
        return Promise.resolve(found);
      },
    };
    const { app } = apiUnderTest({ pastJobs, deadLetters: () => Promise.reject(new Error('now')) });
    const get = (query: string, key: string) =>
      supertest(app).get(`/v1/dead-letters?asOf=${AT}${query}`).set('authorization', bearer(key));
    const heard = await get('', keys.alice);
    expect(heard).toMatchObject({ status: 200, body: found });
    expect((await get('&ownerId=bob', keys.alice)).status).toBe(403);
    await get('', keys.operator);
    const asOf = { kind: 'time', at: Date.parse(AT) };
    expect(asked).toMatchObject([
      { asOf, ownerId: 'alice', maxCauses: 200 },
      { asOf, ownerId: undefined },
    ]);
  });

  test('what takes too long is given up', async () => {
    const { app } = apiUnderTest({
      deadLetters: () => new Promise(() => undefined),
      requestDeadlineMs: 20,
    });
    const heard = await supertest(app)
      .get('/v1/dead-letters')
      .set('authorization', bearer(keys.alice));
    expect(heard.status).toBe(503);
  });
});

describe('the error code of a filter', () => {
  const list = async (query: string) => {
    const asked: JobFilter[] = [];
    const { app } = apiUnderTest({
      jobs: {
        one: () => Promise.resolve(undefined),
        countPending: () => Promise.resolve(0),
        list: (filter) => {
          asked.push(filter);
          return Promise.resolve({ items: [] });
        },
      },
    });
    const heard = await supertest(app)
      .get(`/v1/jobs?${query}`)
      .set('authorization', bearer(keys.alice));
    return { status: heard.status, asked: asked[0] };
  };

  test('is taken as it was reported, whatever its letters are', async () => {
    const code = 'e\u0301 \u202e "x"\n';
    expect(await list(`errorCode=${encodeURIComponent(code)}`)).toEqual({
      status: 200,
      asked: { ownerId: 'alice', errorCode: code },
    });
  });

  test.each([
    ['nothing', '', 400],
    ['more than is ever reported', 'x'.repeat(101), 400],
    ['a NUL, which no stored text has', '%00', 422],
  ])('is refused when it is %s', async (_what, code, status) => {
    expect(await list(`errorCode=${code}`)).toEqual({ status, asked: undefined });
  });
});
