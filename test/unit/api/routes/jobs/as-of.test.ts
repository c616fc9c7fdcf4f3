import supertest from 'supertest';
import type { JobHistory } from '../../../../../commands/job-history';
import type { Story } from '../../../../../domain/audit/story';
import { toTimestamp } from '../../../../../domain/time';
import type { PastJobs, PastListRequest } from '../../../../../projections/queries/past/jobs-as-of';
import { TooManyJobs } from '../../../../../projections/queries/past/past-fold';
import { until } from '../../../../support/until';
import {
  apiUnderTest,
  bearer,
  DUE,
  fakeHistory,
  keys,
  listening,
  noPast,
  NOW,
  told,
  viewFor,
  type Fakes,
} from '../../api-under-test';

const get = (path: string, fakes: Fakes = {}, key: string = keys.alice) =>
  supertest(apiUnderTest(fakes).app).get(path).set('authorization', bearer(key));

const view = viewFor('alice');
const path = `/v1/jobs/${view.jobId}`;
const PAST = '2026-11-23T09:00:00Z';
const past = { kind: 'time', at: Date.parse(PAST) };
const alice = { kind: 'user', id: 'alice' };

/** A history that notes what it was asked. */
const noting = (given: Partial<JobHistory>) => {
  const asked: (readonly unknown[])[] = [];
  const noted =
    <Args extends readonly unknown[], T>(answer: ((...args: Args) => Promise<T>) | undefined) =>
    (...args: Args): Promise<T | undefined> => {
      asked.push(args);
      return answer ? answer(...args) : Promise.resolve(undefined);
    };
  const { events, state, stateAsOf, story } = given;
  const history = {
    events: noted(events),
    state: noted(state),
    stateAsOf: noted(stateAsOf),
    story: noted(story),
  };
  return { history, asked };
};

const story: Story = {
  jobId: view.jobId,
  verdict: { ran: 'not-yet', status: 'scheduled', why: 'It waits.' },
  steps: [],
  attempts: [],
  text: 'It waits.',
};

describe('a job as it stood', () => {
  test('comes from the log, with its payload and without an ETag: a past revision is no condition', async () => {
    const then = { ...view, payload: { a: 1 } };
    const { history, asked } = noting({ stateAsOf: () => Promise.resolve(then) });
    const heard = await get(`${path}?asOf=${PAST}`, { history, views: [view] }).expect(200);
    expect(heard.body).toEqual(then);
    expect(heard.headers).not.toHaveProperty('etag');
    expect(asked).toEqual([[view.jobId, alice, past]]);
  });

  test('at a position of the log', async () => {
    const { history, asked } = noting({ stateAsOf: () => Promise.resolve(view) });
    await get(`${path}?asOf=9007199254740993`, { history }).expect(200);
    expect(asked[0]?.[2]).toEqual({ kind: 'position', position: 9007199254740993n });
  });

  test.each(['', '/events', '/story'])('is unknown when there was none: %s', async (rest) => {
    // its history has not been taken away: it is there now
    const history = fakeHistory({
      events: (_jobId, _actor, asOf) => Promise.resolve(asOf ? undefined : []),
    });
    const heard = await get(`${path}${rest}?asOf=${PAST}`, { views: [view], history });
    expect(heard.status).toBe(404);
    expect(heard.body).toMatchObject({ type: '/problems/job-not-found' });
  });

  test('with its history up to then', async () => {
    const { history, asked } = noting({ events: () => Promise.resolve([]) });
    await get(`${path}/events?asOf=${PAST}`, { history }).expect(200);
    expect(asked).toEqual([[view.jobId, alice, past]]);
  });
});

describe('the story of a job', () => {
  test('is told to its owner as the log has it', async () => {
    const { history, asked } = noting({ story: () => Promise.resolve(story) });
    const { body } = told(await get(`${path}/story`, { history }).expect(200));
    expect(body).toEqual(story);
    expect(asked).toEqual([[view.jobId, alice, undefined]]);
  });

  test('is told as of a past time', async () => {
    const { history, asked } = noting({ story: () => Promise.resolve(story) });
    await get(`${path}/story?asOf=${PAST}`, { history }).expect(200);
    expect(asked).toEqual([[view.jobId, alice, past]]);
  });

  test('is not told to an executor', async () => {
    await get(`${path}/story`, {}, keys.executor).expect(403);
  });
});

describe('a moment that cannot be asked for is told, on every route', () => {
  const soon = toTimestamp(NOW + 5_001);
  const routes = [
    '/v1/jobs',
    '/v1/jobs/counts',
    '/v1/jobs/differences',
    '/v1/dead-letters',
    path,
    `${path}/events`,
    `${path}/story`,
  ];
  test.each(
    routes.flatMap((route) => [
      [route, soon, 422, 'as-of-in-future'] as const,
      [route, 'yesterday', 400, 'bad-timestamp'] as const,
      [route, '', 400, 'bad-timestamp'] as const,
      [route, '2026-11-23T09:00:00', 400, 'offset-required'] as const,
      [route, '9223372036854775808', 400, 'bad-position'] as const,
    ]),
  )('%s?asOf=%s', async (route, asOf, status, code) => {
    const heard = await get(`${route}?asOf=${asOf}`, { views: [view] });
    expect(heard.status).toBe(status);
    expect(heard.body).toMatchObject({
      type: `/problems/${code}`,
      errors: [{ parameter: 'asOf', code }],
    });
  });

  test.each(routes)('%s takes one moment only', async (route) => {
    const heard = await get(`${route}?asOf=1&asOf=2`, { views: [view] });
    expect(heard.body).toMatchObject({ type: '/problems/bad-parameter' });
  });
});

/** Lists of the past that note what they were asked for. */
const pastNoting = (list?: PastJobs['list']) => {
  const asked: Omit<PastListRequest, 'signal'>[] = [];
  const pastJobs: PastJobs = {
    ...noPast,
    list: async (request) => {
      const { signal: _signal, ...rest } = request;
      asked.push(rest);
      return list
        ? await list(request)
        : { items: [view], next: { dueAt: Date.parse(DUE), jobId: view.jobId } };
    },
  };
  return { pastJobs, asked };
};

describe('a list as it stood', () => {
  test('has the filters, the owner and the pages of the list that is live', async () => {
    const { pastJobs, asked } = pastNoting();
    const { body } = told(
      await get(`/v1/jobs?asOf=${PAST}&status=queued&tag=a&limit=7`, { pastJobs }).expect(200),
    );
    expect(asked).toEqual([
      { asOf: past, filter: { ownerId: 'alice', status: ['queued'], tag: 'a' }, limit: 7 },
    ]);
    expect(body).toMatchObject({ items: [{ jobId: view.jobId }] });
    expect(body).toHaveProperty('nextCursor');
  });

  test("is everybody's for an operator, and nobody else's for a user", async () => {
    const { pastJobs, asked } = pastNoting();
    await get(`/v1/jobs?asOf=5`, { pastJobs }, keys.operator).expect(200);
    await get(`/v1/jobs?asOf=5&ownerId=bob`, { pastJobs }).expect(403);
    expect(asked.map(({ filter }) => filter)).toEqual([{}]);
  });

  test('has cursors of its own: one leads neither to the present nor to another moment', async () => {
    const { pastJobs, asked } = pastNoting();
    const { body } = told(await get(`/v1/jobs?asOf=5`, { pastJobs }).expect(200));
    const { nextCursor } = body as { nextCursor: string }; // there is a next page
    await get(`/v1/jobs?asOf=5&cursor=${nextCursor}`, { pastJobs }).expect(200);
    expect(asked[1]).toMatchObject({ after: { dueAt: Date.parse(DUE), jobId: view.jobId } });
    for (const other of ['', 'asOf=6&'])
      expect(
        (await get(`/v1/jobs?${other}cursor=${nextCursor}`, { pastJobs }).expect(400)).body,
      ).toMatchObject({ type: '/problems/bad-cursor' });
  });

  test('that takes too long is given up and says what to do; its scan ends', async () => {
    let reason: unknown;
    const { pastJobs } = pastNoting(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason as Error); // the deadline gives one
          });
        }),
    );
    const heard = await get(`/v1/jobs?asOf=5`, { pastJobs, requestDeadlineMs: 20 });
    expect(heard.status).toBe(503);
    expect(heard.headers['retry-after']).toBe('1');
    expect(heard.body).toMatchObject({ type: '/problems/as-of-timed-out' });
    expect(reason).toBeInstanceOf(Error);
  });

  test('that nobody waits for any more ends: a slider passes many moments, and each would go on', async () => {
    const asking = new AbortController();
    const reasons: unknown[] = [];
    const observed: unknown[] = [];
    const { pastJobs } = pastNoting(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error); // hanging up gives one
          });
          asking.abort();
        }),
    );
    const observe = (answered: unknown) => observed.push(answered);
    const { url, close } = await listening(apiUnderTest({ pastJobs, observe }));
    const headers = { authorization: bearer(keys.alice) };
    const asked = fetch(`${url}/v1/jobs?asOf=5`, { headers, signal: asking.signal });
    await expect(asked).rejects.toThrow();
    await until(() => reasons.length > 0);
    await close();
    expect(reasons).toMatchObject([{ name: 'HungUp' }]);
    expect(observed).toEqual([]);
  });

  test('of too many jobs is refused', async () => {
    const { pastJobs } = pastNoting(() => Promise.reject(new TooManyJobs('more than 5')));
    const heard = await get(`/v1/jobs?asOf=5`, { pastJobs }, keys.operator);
    expect(heard.status).toBe(422);
    expect(heard.body).toMatchObject({ type: '/problems/as-of-too-wide' });
  });
});

test('nothing of the past is looked at when nobody asks for it', async () => {
  const refuse = () => Promise.reject(new Error('not asked for'));
  const history = fakeHistory({ stateAsOf: refuse });
  const pastJobs = { list: refuse, counts: refuse, deadLetters: refuse, differences: refuse };
  await get('/v1/jobs', { pastJobs }).expect(200);
  await get('/v1/dead-letters', { pastJobs }).expect(200);
  await get(path, { history, views: [view] }).expect(200);
});
