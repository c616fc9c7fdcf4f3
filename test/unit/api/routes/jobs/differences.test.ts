import supertest from 'supertest';
import { toTimestamp } from '../../../../../domain/time';
import type {
  DifferencePage,
  DifferencesRequest,
} from '../../../../../projections/queries/past/past-differences';
import { TooManyJobs } from '../../../../../projections/queries/past/past-fold';
import {
  apiUnderTest,
  bearer,
  DUE,
  keys,
  noPast,
  NOW,
  told,
  viewFor,
  type Fakes,
} from '../../api-under-test';

const { jobId } = viewFor('alice');
const dueAt = Date.parse(DUE);
const PAST = '2026-11-23T09:00:00Z';
const past = { kind: 'time', at: Date.parse(PAST) };

const page: DifferencePage = {
  counts: { appeared: 1, left: 0, 'status-changed': 2, moved: 0 },
  items: [
    {
      ...{ jobId, name: 'one', queue: 'mail', ownerId: 'alice', change: 'status-changed' },
      before: { status: 'scheduled', dueAt, attempt: 1 },
      after: { status: 'cancelled', dueAt, attempt: 1 },
    },
    {
      ...{ jobId, name: 'two', queue: 'mail', ownerId: 'alice', change: 'appeared' },
      after: { status: 'queued', dueAt, attempt: 2 },
    },
  ],
  next: { dueAt, jobId },
};

const bench = (answer: () => Promise<DifferencePage> = () => Promise.resolve(page)) => {
  const asked: Omit<DifferencesRequest, 'signal'>[] = [];
  const pastJobs: Fakes['pastJobs'] = {
    ...noPast,
    differences: ({ signal: _signal, ...request }) => {
      asked.push(request);
      return answer();
    },
  };
  const { app } = apiUnderTest({ pastJobs });
  const get = (query: string, key: string = keys.alice) =>
    supertest(app).get(`/v1/jobs/differences?${query}`).set('authorization', bearer(key));
  return { asked, get };
};

test('two moments are compared, with the filters of the list and the owner who asks', async () => {
  const { asked, get } = bench();
  const query = `asOf=${PAST}&with=4711&status=queued&q=on&change=appeared,moved&limit=7`;
  const { body } = told(await get(query).expect(200));
  expect(asked).toEqual([
    {
      ...{ asOf: past, other: { kind: 'position', position: 4711n } },
      ...{ filter: { ownerId: 'alice', status: ['queued'], q: 'on' }, limit: 7 },
      changes: ['appeared', 'moved'],
    },
  ]);
  const due = toTimestamp(dueAt);
  expect(body).toMatchObject({
    ...{ asOf: toTimestamp(past.at), with: '4711', counts: page.counts },
    items: [
      {
        change: 'status-changed',
        before: { status: 'scheduled', dueAt: due, attempt: 1 },
        after: { status: 'cancelled', dueAt: due, attempt: 1 },
      },
      { change: 'appeared', after: { status: 'queued', attempt: 2 } },
    ],
  });
});

test("an operator compares everybody's; a user may not name another owner", async () => {
  const { asked, get } = bench();
  await get('asOf=5', keys.operator).expect(200);
  await get('asOf=5&ownerId=bob').expect(403);
  await get('asOf=5', keys.executor).expect(403);
  expect(asked.map(({ filter }) => filter)).toEqual([{}]);
});

test('the other moment is now unless it is given, and is told as a time, so that the next page is of the same', async () => {
  const { asked, get } = bench();
  const { body } = told(await get(`asOf=${PAST}`).expect(200));
  const { with: compared, nextCursor } = body as { with: string; nextCursor: string };
  expect(compared).toBe(toTimestamp(NOW));
  expect(asked[0]?.other).toEqual({ kind: 'time', at: NOW });
  await get(`asOf=${PAST}&with=${compared}&cursor=${nextCursor}`).expect(200);
  expect(asked[1]).toMatchObject({ after: { dueAt, jobId } });
  for (const query of [
    `asOf=${PAST}&with=5`,
    `asOf=5&with=${compared}`,
    `asOf=${PAST}&with=${compared}&change=left`,
  ])
    expect((await get(`${query}&cursor=${nextCursor}`).expect(400)).body).toMatchObject({
      type: '/problems/bad-cursor',
    });
});

test.each([
  ['', 'asOf', 'bad-parameter'],
  ['with=5', 'asOf', 'bad-parameter'],
  ['asOf=5&with=soon', 'with', 'bad-timestamp'],
  [`asOf=5&with=${toTimestamp(NOW + 5_001)}`, 'with', 'as-of-in-future'],
  ['asOf=5&with=1&with=2', 'with', 'bad-parameter'],
  ['asOf=5&change=gone', 'change', 'bad-parameter'],
  ['asOf=5&limit=0', 'limit', 'bad-limit'],
])('%s is refused, and says which of them is wrong', async (query, parameter, code) => {
  const { asked, get } = bench();
  const heard = await get(query);
  expect(heard.status).toBeGreaterThanOrEqual(400);
  expect(heard.status).toBeLessThan(500);
  expect(heard.body).toMatchObject({ errors: [{ parameter, code }] });
  expect(asked).toEqual([]);
});

test('of too many jobs it is refused as a list is', async () => {
  const { get } = bench(() => Promise.reject(new TooManyJobs('more than 5')));
  expect((await get('asOf=5').expect(422)).body).toMatchObject({
    type: '/problems/as-of-too-wide',
  });
});

test('counts of the past are of each status, all of them, of the owner who asks', async () => {
  const asked: unknown[] = [];
  const { app } = apiUnderTest({
    countJobs: () => Promise.reject(new Error('not the present')),
    pastJobs: {
      ...noPast,
      counts: ({ signal: _signal, ...request }) => {
        asked.push(request);
        return Promise.resolve({ failed: 12_345 });
      },
    },
  });
  const { body } = told(
    await supertest(app)
      .get(`/v1/jobs/counts?asOf=${PAST}&tag=a`)
      .set('authorization', bearer(keys.alice))
      .expect(200),
  );
  expect(asked).toEqual([{ asOf: past, filter: { ownerId: 'alice', tag: 'a' } }]);
  expect(body).toMatchObject({ counts: { failed: 12_345, scheduled: 0 }, isComplete: true });
});
