import supertest from 'supertest';
import { toTimestamp } from '../../../../../domain/time';
import type { PlannedRunsQuery } from '../../../../../projections/queries/schedules/planned-runs';
import { apiUnderTest, bearer, fakeSchedules, keys, NOW, told } from '../../api-under-test';

const HOUR_MS = 3_600_000;
const at = Math.ceil(NOW / HOUR_MS) * HOUR_MS;

const bench = () => {
  const asked: Omit<PlannedRunsQuery, 'signal'>[] = [];
  const schedules = fakeSchedules({
    plannedRuns: ({ signal: _signal, ...query }) => {
      asked.push(query);
      return Promise.resolve({ buckets: [{ at, runs: 3 }], isComplete: false });
    },
  });
  const { app } = apiUnderTest({ schedules });
  const get = (query: string, key: string = keys.alice) =>
    supertest(app).get(`/v1/forecast/schedules?${query}`).set('authorization', bearer(key));
  return { asked, get };
};

test('runs to come are told by time, of the owner who asks, and that there are more', async () => {
  const { asked, get } = bench();
  const [from, to] = [toTimestamp(at), toTimestamp(at + 2 * HOUR_MS)];
  const { body } = told(await get(`step=hour&from=${from}&to=${to}`).expect(200));
  expect(asked).toEqual([{ step: 'hour', from: at, to: at + 2 * HOUR_MS, ownerId: 'alice' }]);
  expect(body).toEqual({
    ...{ from, to, step: 'hour', isComplete: false },
    buckets: [{ at: from, runs: 3 }],
  });
});

test("an operator is told everybody's or one owner's; a user nobody else's, an executor nothing", async () => {
  const { asked, get } = bench();
  await get('', keys.operator).expect(200);
  await get('ownerId=bob', keys.operator).expect(200);
  await get('ownerId=bob').expect(403);
  await get('', keys.executor).expect(403);
  expect(asked.map(({ ownerId }) => ownerId)).toEqual([undefined, 'bob']);
});

test.each([
  ['step=week', 'bad-parameter'],
  ['from=noon', 'bad-timestamp'],
  [`from=${toTimestamp(at)}&to=${toTimestamp(at)}`, 'bad-window'],
  [`from=${toTimestamp(at)}&to=${toTimestamp(at + 25 * HOUR_MS)}`, 'bad-window'],
])('%s is refused', async (query, code) => {
  const { asked, get } = bench();
  const heard = await get(query);
  expect(heard.status).toBeGreaterThanOrEqual(400);
  expect(heard.body).toMatchObject({ type: `/problems/${code}` });
  expect(asked).toEqual([]);
});
