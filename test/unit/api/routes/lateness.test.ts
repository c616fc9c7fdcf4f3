import supertest from 'supertest';
import type { LatenessQuery } from '../../../../projections/queries/lateness';
import { apiUnderTest, bearer, keys, NOW, told } from '../api-under-test';

const minute = '2026-11-23T09:00:00.000Z';
const late = { starts: 3, p50Ms: 4, p90Ms: 7, p99Ms: 7, maxMs: 9 };

const ask = async (query: string, key: string = keys.alice) => {
  const asked: LatenessQuery[] = [];
  const { app } = apiUnderTest({
    lateness: (one) => {
      asked.push(one);
      return Promise.resolve([{ at: Date.parse(minute), ...late }]);
    },
  });
  const { status, body } = told(
    await supertest(app).get(`/v1/lateness${query}`).set('authorization', bearer(key)),
  );
  return { status, body, asked: asked[0] };
};

describe('GET /v1/lateness', () => {
  test('without parameters: the last 24 hours by minute, of who asks', async () => {
    const { status, body, asked } = await ask('');
    expect(asked).toEqual({
      step: 'minute',
      from: NOW - 86_400_000,
      to: NOW,
      ownerId: 'alice',
    });
    expect([status, body]).toEqual([
      200,
      {
        from: '2026-11-22T10:00:00.000Z',
        to: '2026-11-23T10:00:00.000Z',
        step: 'minute',
        buckets: [{ at: minute, ...late }],
      },
    ]);
  });

  test('an operator sees all, or the jobs of one owner', async () => {
    expect((await ask('', keys.operator)).asked).not.toHaveProperty('ownerId');
    const ofOne = await ask('?ownerId=bob&step=day', keys.operator);
    expect(ofOne.asked).toMatchObject({ ownerId: 'bob', step: 'day' });
  });

  test.each`
    query                                                            | status | code                   | why
    ${'?step=week'}                                                  | ${400} | ${'bad-parameter'}     | ${'no such step'}
    ${'?from=yesterday'}                                             | ${400} | ${'bad-timestamp'}     | ${'no timestamp'}
    ${'?from=2026-11-23T11:00:00Z'}                                  | ${422} | ${'bad-window'}        | ${'it begins after now'}
    ${'?from=2026-11-22T09:00:00Z&to=2026-11-23T10:00:00Z'}          | ${422} | ${'bad-window'}        | ${'more than a day by minute'}
    ${'?step=day&from=2026-10-01T00:00:00Z&to=2026-11-23T00:00:00Z'} | ${422} | ${'bad-window'}        | ${'more than 31 days by day'}
    ${'?ownerId=bob'}                                                | ${403} | ${'forbidden'}         | ${'a foreign owner'}
    ${'?queue=mail'}                                                 | ${400} | ${'unknown-parameter'} | ${'queues are not told apart'}
  `('$query is refused with $code: $why', async ({ query, status, code }) => {
    const heard = await ask(String(query));
    expect(heard.asked).toBeUndefined();
    expect(heard.status).toBe(status);
    expect(heard.body).toMatchObject({ type: `/problems/${String(code)}` });
  });

  test('a count that takes too long is given up', async () => {
    const { app } = apiUnderTest({
      lateness: () => new Promise(() => undefined),
      requestDeadlineMs: 20,
    });
    const heard = await supertest(app).get('/v1/lateness').set('authorization', bearer(keys.alice));
    expect(heard.status).toBe(503);
  });

  test('its limits are published', async () => {
    const { app } = apiUnderTest();
    const { body } = told(
      await supertest(app).get('/v1/limits').set('authorization', bearer(keys.alice)),
    );
    expect(body).toMatchObject({
      latenessSpanMs: { minute: 86_400_000, hour: 31 * 86_400_000, day: 31 * 86_400_000 },
      latenessKeptMs: 30 * 86_400_000,
    });
  });
});
