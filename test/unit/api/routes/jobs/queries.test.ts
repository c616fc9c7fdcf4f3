import supertest from 'supertest';
import type { JobFilter, JobKey } from '../../../../../domain/job/filter';
import { until } from '../../../../support/until';
import {
  apiUnderTest,
  bearer,
  DUE,
  fakeHistory,
  keys,
  viewFor,
  type Fakes,
  told,
} from '../../api-under-test';

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

const lag = () => ({ events: 0, ms: 0 });
const position = () => undefined;

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
      position,
      lag,
    };
    await get(`${path}?after=9007199254740993`, { freshness, views: [view] }).expect(200);
    expect(waited).toEqual([[9007199254740993n, 2_000]]);
  });

  test('a list gives up with a 503 that says when to come back', async () => {
    const freshness = { waitFor: () => Promise.resolve(false), position, lag };
    const heard = await get('/v1/jobs?after=5', { freshness, views: [view] });
    expect(heard.status).toBe(503);
    expect(heard.headers['retry-after']).toBe('1');
    expect(heard.body).toMatchObject({ type: '/problems/projection-behind' });
  });

  test('nobody waits who does not ask', async () => {
    const freshness = { waitFor: () => Promise.reject(new Error('not asked for')), position, lag };
    await get('/v1/jobs', { freshness }).expect(200);
  });
});

describe('a job that the read model does not know yet', () => {
  const jobId = '019ab000-0000-7000-8000-000000000001';
  const view = { ...viewFor('alice', jobId), revision: 3 };
  const known = (asked: unknown[] = []) =>
    fakeHistory({
      state: (...args) => {
        asked.push(args);
        return Promise.resolve(view);
      },
    });

  test('is answered from its stream: accepted is there', async () => {
    const asked: unknown[] = [];
    const heard = await get(`/v1/jobs/${jobId}`, { history: known(asked) }).expect(200);
    expect(heard.body).toEqual(view);
    expect(heard.headers).toMatchObject({ etag: '"3"', 'punctual-lag-ms': '0' });
    expect(asked).toEqual([[jobId, { kind: 'user', id: 'alice' }]]);
  });

  test('so is one that is known at an older revision than `after` asks for', async () => {
    const freshness = { waitFor: () => Promise.resolve(false), position, lag };
    const older = { ...view, revision: 1 };
    const fakes = { freshness, views: [older], history: known() };
    expect((await get(`/v1/jobs/${jobId}?after=5`, fakes).expect(200)).body).toEqual(view);
  });

  test('nobody waits for a read model that is far behind', async () => {
    const waits: number[] = [];
    const freshness = {
      waitFor: (_position: bigint, timeoutMs: number) => {
        waits.push(timeoutMs);
        return Promise.resolve(false);
      },
      position,
      lag: () => ({ events: 80_000, ms: 35_000 }),
    };
    await get(`/v1/jobs/${jobId}?after=5`, { freshness, history: known() }).expect(200);
    expect(waits).toEqual([0]);
  });

  test("somebody else's job is looked for in the same way and answers like an unknown one", async () => {
    const asked: unknown[] = [];
    const history = fakeHistory({
      state: (...args) => {
        asked.push(args);
        return Promise.resolve(undefined);
      },
    });
    const foreign = await get(`/v1/jobs/${jobId}`, { history, views: [view] }, keys.bob);
    const none = await get(`/v1/jobs/${jobId}`, { history }, keys.bob);
    expect(asked).toHaveLength(2);
    expect([foreign.status, none.status]).toEqual([404, 404]);
    const { requestId: _, ...body } = foreign.body as Record<string, unknown>;
    expect(none.body).toMatchObject(body);
  });

  test('an id that we never make is no reason to ask the event store', async () => {
    const state = () => Promise.reject(new Error('it was asked'));
    await get('/v1/jobs/5e1f7a52-6b34-4f0e-9d7c-2b5e41a70c63', {
      history: fakeHistory({ state }),
    }).expect(404);
  });

  test('who asks for many unknown jobs waits for itself, and nobody else does', async () => {
    let underWay = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    const history = fakeHistory({
      state: async (_jobId, { id }) => {
        if (id === 'bob') return view;
        most = Math.max(most, ++underWay);
        await new Promise<void>((resolve) => releases.push(resolve));
        underWay -= 1;
        return undefined;
      },
    });
    const { app } = apiUnderTest({ history });
    const ask = (whose: string) =>
      supertest(app).get(`/v1/jobs/${jobId}`).set('authorization', bearer(whose));
    let answered = 0;
    const statuses = Promise.all(
      Array.from({ length: 100 }, () =>
        ask(keys.alice).then(({ status }) => {
          answered += 1;
          return status;
        }),
      ),
    );
    await until(() => answered > 0); // over what may wait
    await ask(keys.bob).expect(200);
    const releasing = setInterval(() => {
      for (const release of releases.splice(0)) release();
    }, 1);
    const heard = await statuses;
    clearInterval(releasing);
    expect(most).toBe(4);
    expect(new Set(heard)).toEqual(new Set([404, 503]));
  });
});

test('a list says how old it may be', async () => {
  const freshness = {
    waitFor: () => Promise.resolve(true),
    position,
    lag: () => ({ events: 80_000, ms: 35_000 }),
  };
  const heard = await get('/v1/jobs', { freshness }).expect(200);
  expect(heard.headers['punctual-lag-ms']).toBe('35000');
  const unknown = { ...freshness, lag: () => undefined };
  const silent = await get('/v1/jobs', { freshness: unknown }).expect(200);
  expect(silent.headers).not.toHaveProperty('punctual-lag-ms');
});

test.each(['/v1/jobs', '/v1/jobs/counts'])(
  '%s says which changes it has for sure: those that were there before it was read',
  async (path) => {
    let shown: bigint | undefined = 7n;
    const freshness = {
      waitFor: () => Promise.resolve(true),
      ...{ lag, position: () => shown },
    };
    const countJobs = () => {
      shown = 9n; // it came while the answer was read, which may lack it
      return Promise.resolve({ counts: {}, isComplete: true });
    };
    const jobs = {
      list: () => {
        shown = 9n;
        return Promise.resolve({ items: [] });
      },
      one: () => Promise.resolve(undefined),
      countPending: () => Promise.resolve(0),
    };
    const heard = await get(path, { freshness, countJobs, jobs }).expect(200);
    expect(heard.headers['punctual-position']).toBe('7');
    shown = undefined;
    const silent = await get(path, {
      freshness: { ...freshness, position: () => undefined },
    }).expect(200);
    expect(silent.headers).not.toHaveProperty('punctual-position');
  },
);

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
