import supertest from 'supertest';
import { EventLogUnavailable } from '../../../../domain/event-log';
import { apiUnderTest, bearer, keys, told, type Fakes } from '../api-under-test';

const get = (key: string, fakes: Fakes = {}) =>
  supertest(apiUnderTest(fakes).app).get('/v1/system').set('authorization', bearer(key));

const nothing = () => Promise.resolve(undefined);
const noVersions = () => Promise.resolve({});
const noLag = () => undefined;
/** What the route tells of servers that nothing is known of. */
const servers = ['event-store', 'read-model', 'broker'].map((server) => ({ server }));

const state = {
  processes: [{ instance: 'i', process: 'projector', unseenMs: 5, stillMs: 7, waitsFor: [] }],
  dispatchers: [{ dispatcherId: 'd', slots: 256 }],
  slots: { all: 256, unheld: 0 },
  executors: { count: 1, items: [{ executorId: 'x', queue: 'mail', running: 2, unseenMs: 100 }] },
  parkedStreams: { count: 0, items: [] },
};
/** As the read model has it. */
const kept = { ...state, skewsMs: {} };

test('operators are told what runs, how far the log is sealed, and what was proved of it last; of neither it says so', async () => {
  const seal = { block: 3, position: '4711', sealedAt: '2026-11-23T10:00:00.000Z' };
  const limits: number[] = [];
  const look = (limit: number) => {
    limits.push(limit);
    return Promise.resolve({ ...kept, skewsMs: { broker: -1_500 } });
  };
  const proved = {
    ...{ position: '4711', events: 30, violations: 0, gone: 0, sealHead: 'a'.repeat(64) },
    ...{ verifiedAt: '2026-11-23T10:00:00.000Z', verifiedBy: 'op' },
  };
  const system = {
    state: look,
    seal: () => Promise.resolve(seal),
    verification: () => Promise.resolve(proved),
    versions: () => Promise.resolve({ broker: '2.10.1', 'read-model': '17.2' }),
    lag: () => ({ events: 3, ms: 40 }),
  };
  expect(told(await get(keys.operator, { system }).expect(200)).body).toEqual({
    ...state,
    servers: [
      { server: 'event-store' },
      { server: 'read-model', version: '17.2' },
      { server: 'broker', version: '2.10.1', skewMs: -1_500 },
    ],
    projection: { lagEvents: 3, lagMs: 40 },
    seal,
    verification: proved,
  });
  const unsealed = {
    ...{ state: () => Promise.resolve(kept), seal: nothing, verification: nothing },
    ...{ versions: noVersions, lag: noLag },
  };
  const { body } = told(await get(keys.operator, { system: unsealed }).expect(200));
  expect(body).toEqual({ ...state, servers, seal: null, verification: null });
  expect(limits).toEqual([200]);
});

test.each(['alice', 'executor'] as const)(
  '%s is refused: it would tell whose queues there are, and what went wrong in them',
  async (who) => {
    const refuse = () => Promise.reject(new Error('not to be looked at'));
    const { body } = told(
      await get(keys[who], {
        system: {
          ...{ state: refuse, seal: refuse, verification: refuse },
          ...{ versions: refuse, lag: noLag },
        },
      }).expect(403),
    );
    expect(body).toMatchObject({ type: '/problems/forbidden' });
  },
);

const never = () => new Promise<never>(() => undefined);

test('a read model that does not answer is told as what is waited for', async () => {
  const system = {
    ...{ state: never, seal: nothing, verification: nothing },
    ...{ versions: noVersions, lag: noLag },
  };
  const { body } = told(await get(keys.operator, { system, requestDeadlineMs: 20 }).expect(503));
  expect(body).toMatchObject({ type: '/problems/read-model-unavailable' });
});

test.each([
  ['refuses', () => Promise.reject(new EventLogUnavailable('away'))],
  ['says nothing', never],
] as const)('a log that %s takes nothing away but what it tells itself', async (_what, read) => {
  const system = {
    ...{ state: () => Promise.resolve(kept), seal: read, verification: read },
    ...{ versions: noVersions, lag: noLag },
  };
  expect(told(await get(keys.operator, { system }).expect(200)).body).toEqual({
    ...state,
    servers,
  });
});
