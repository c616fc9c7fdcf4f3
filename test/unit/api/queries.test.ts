import supertest from 'supertest';
import type { JobFilter, JobKey } from '../../../domain/job/filter';
import {
  apiUnderTest,
  bearer,
  DUE,
  fakeHistory,
  keys,
  viewFor,
  type Fakes,
  told,
} from './api-under-test';

type Asked = { readonly filter: JobFilter; readonly page: { limit: number; after?: JobKey } };

/** A list of one page after another that notes what it was asked for. */
const noting = (next?: JobKey) => {
  const asked: Asked[] = [];
  const jobs = {
    one: () => Promise.resolve(undefined),
    countPending: () => Promise.resolve(0),
    list: (filter: JobFilter, page: Asked['page']) => {
      asked.push({ filter, page });
      return Promise.resolve({ items: [viewFor('alice')], ...(next && { next }) });
    },
  };
  return { jobs, asked };
};

const get = (path: string, fakes: Fakes = {}, key: string = keys.alice) =>
  supertest(apiUnderTest(fakes).app).get(path).set('authorization', bearer(key));

const key: JobKey = { dueAt: Date.parse(DUE), jobId: viewFor('alice').jobId };

test('a list asks for the own jobs only, fifty at a time', async () => {
  const { jobs, asked } = noting();
  const { body } = told(await get('/v1/jobs', { jobs }).expect(200));
  expect(asked).toEqual([{ filter: { ownerId: 'alice' }, page: { limit: 50 } }]);
  expect(body).toMatchObject({ items: [{ ownerId: 'alice' }] });
  expect(body).not.toHaveProperty('nextCursor');
});

test('every filter comes through', async () => {
  const { jobs, asked } = noting();
  const scheduleId = key.jobId.toUpperCase();
  await get(
    `/v1/jobs?status=queued,running&status=failed&from=2026-11-23T10:00:00Z&to=2026-11-24T01:00:00%2B01:00&tag=a%20b&queue=default&scheduleId=${scheduleId}&q=50%25&limit=200`,
    { jobs },
  ).expect(200);
  expect(asked).toEqual([
    {
      filter: {
        ownerId: 'alice',
        status: ['failed', 'queued', 'running'],
        from: Date.parse('2026-11-23T10:00:00Z'),
        to: Date.parse('2026-11-24T00:00:00Z'),
        tag: 'a b',
        queue: 'default',
        scheduleId: key.jobId,
        q: '50%',
      },
      page: { limit: 200 },
    },
  ]);
});

test("an operator lists everybody's jobs, or one owner's", async () => {
  const { jobs, asked } = noting();
  await get('/v1/jobs', { jobs }, keys.operator).expect(200);
  await get('/v1/jobs?ownerId=alice', { jobs }, keys.operator).expect(200);
  expect(asked.map(({ filter }) => filter)).toEqual([{}, { ownerId: 'alice' }]);
});

describe('a cursor', () => {
  const cursorFor = async (path: string, whose: string = keys.alice): Promise<string> => {
    const { body } = told(await get(path, { jobs: noting(key).jobs }, whose).expect(200));
    return (body as { nextCursor: string }).nextCursor; // there is a next page
  };

  test('leads to the next page of the same list, with another page size if one likes', async () => {
    const cursor = await cursorFor('/v1/jobs?status=queued');
    const { jobs, asked } = noting();
    await get(`/v1/jobs?status=queued&limit=5&cursor=${cursor}`, { jobs }).expect(200);
    expect(asked[0]?.page).toEqual({ limit: 5, after: key });
  });

  test.each([
    ["another's", keys.bob, '/v1/jobs?status=queued'],
    ['another filter', keys.alice, '/v1/jobs?status=running'],
    ['no filter', keys.alice, '/v1/jobs?'],
  ])('does not fit a list of %s', async (_why, whose, path) => {
    const cursor = await cursorFor('/v1/jobs?status=queued');
    const { jobs, asked } = noting();
    const { status, body } = told(await get(`${path}&cursor=${cursor}`, { jobs }, whose));
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { type: '/problems/bad-cursor' },
    });
    expect(asked).toEqual([]);
  });

  test('with any one character changed is none', async () => {
    const cursor = await cursorFor('/v1/jobs');
    const { app } = apiUnderTest(noting());
    for (let at = 0; at < cursor.length; at += 7) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      const changed = cursor.slice(0, at) + other + cursor.slice(at + 1);
      await supertest(app)
        .get(`/v1/jobs?cursor=${changed}`)
        .set('authorization', bearer(keys.alice))
        .expect(400);
    }
  });
});

describe('?after= lets users read their own writes', () => {
  const view = viewFor('alice');
  const paths = ['/v1/jobs', `/v1/jobs/${view.jobId}`];

  test.each(paths)('%s waits for the position', async (path) => {
    const waited: unknown[] = [];
    const freshness = {
      waitFor: (...args: readonly unknown[]) => {
        waited.push(args);
        return Promise.resolve(true);
      },
    };
    await get(`${path}?after=9007199254740993`, { freshness, views: [view] }).expect(200);
    expect(waited).toEqual([[9007199254740993n, 2_000]]);
  });

  test.each(paths)('%s gives up with a 503 that says when to come back', async (path) => {
    const freshness = { waitFor: () => Promise.resolve(false) };
    const heard = await get(`${path}?after=5`, { freshness, views: [view] });
    expect(heard.status).toBe(503);
    expect(heard.headers['retry-after']).toBe('1');
    expect(heard.body).toMatchObject({ type: '/problems/projection-behind' });
  });

  test('nobody waits who does not ask', async () => {
    const freshness = { waitFor: () => Promise.reject(new Error('not asked for')) };
    await get('/v1/jobs', { freshness }).expect(200);
  });
});

test('a job comes with its revision as ETag', async () => {
  const view = { ...viewFor('alice'), revision: 12 };
  const heard = await get(`/v1/jobs/${view.jobId}`, { views: [view] }).expect(200);
  expect(heard.headers['etag']).toBe('"12"');
  expect(heard.body).toEqual(view);
});

test('the history passes through what the log says', async () => {
  const entry = {
    type: 'SomethingHappened',
    data: { a: 1 },
    actor: { kind: 'system', id: 'dispatcher' } as const,
    time: DUE,
    revision: 4,
    position: '99',
  };
  const actors: unknown[] = [];
  const { body } = told(
    await get(`/v1/jobs/${key.jobId}/events`, {
      history: fakeHistory({
        events: (...asked) => {
          actors.push(asked);
          return Promise.resolve([entry]);
        },
      }),
    }).expect(200),
  );
  expect(body).toEqual({ events: [entry] });
  expect(actors).toEqual([[key.jobId, { kind: 'user', id: 'alice' }, undefined]]);
});

test('HEAD is GET without the body', async () => {
  const { app } = apiUnderTest();
  const heard = await supertest(app).head('/v1/jobs').set('authorization', bearer(keys.alice));
  expect(heard.status).toBe(200);
  expect(heard.text ?? '').toBe('');
});
