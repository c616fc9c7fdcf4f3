import supertest from 'supertest';
import { EventLogUnavailable } from '../../../../domain/event-log';
import { apiUnderTest, bearer, keys, told, type Fakes } from '../api-under-test';

const get = (key: string, fakes: Fakes = {}) =>
  supertest(apiUnderTest(fakes).app).get('/v1/system').set('authorization', bearer(key));

const nothing = () => Promise.resolve(undefined);

const state = {
  processes: [{ instance: 'i', process: 'projector', unseenMs: 5, stillMs: 7, waitsFor: [] }],
  dispatchers: [{ dispatcherId: 'd', slots: 256 }],
  slots: { all: 256, unheld: 0 },
  executors: { count: 1, items: [{ executorId: 'x', queue: 'mail', running: 2, unseenMs: 100 }] },
  parkedStreams: { count: 0, items: [] },
};

test('operators are told what runs, how far the log is sealed, and what was proved of it last; of neither it says so', async () => {
  const seal = { block: 3, position: '4711', sealedAt: '2026-11-23T10:00:00.000Z' };
  const limits: number[] = [];
  const look = (limit: number) => {
    limits.push(limit);
    return Promise.resolve(state);
  };
  const proved = {
    ...{ position: '4711', events: 30, violations: 0, gone: 0, sealHead: 'a'.repeat(64) },
    ...{ verifiedAt: '2026-11-23T10:00:00.000Z', verifiedBy: 'op' },
  };
  const system = {
    state: look,
    seal: () => Promise.resolve(seal),
    verification: () => Promise.resolve(proved),
  };
  expect(told(await get(keys.operator, { system }).expect(200)).body).toEqual({
    ...state,
    seal,
    verification: proved,
  });
  const unsealed = { state: look, seal: nothing, verification: nothing };
  const { body } = told(await get(keys.operator, { system: unsealed }).expect(200));
  expect(body).toEqual({ ...state, seal: null, verification: null });
  expect(limits).toEqual([200, 200]);
});

test.each(['alice', 'executor'] as const)(
  '%s is refused: it would tell whose queues there are, and what went wrong in them',
  async (who) => {
    const refuse = () => Promise.reject(new Error('not to be looked at'));
    const { body } = told(
      await get(keys[who], {
        system: { state: refuse, seal: refuse, verification: refuse },
      }).expect(403),
    );
    expect(body).toMatchObject({ type: '/problems/forbidden' });
  },
);

const never = () => new Promise<never>(() => undefined);

test('a read model that does not answer is told as what is waited for', async () => {
  const system = { state: never, seal: nothing, verification: nothing };
  const { body } = told(await get(keys.operator, { system, requestDeadlineMs: 20 }).expect(503));
  expect(body).toMatchObject({ type: '/problems/read-model-unavailable' });
});

test.each([
  ['refuses', () => Promise.reject(new EventLogUnavailable('away'))],
  ['says nothing', never],
] as const)('a log that %s takes nothing away but what it tells itself', async (_what, read) => {
  const system = { state: () => Promise.resolve(state), seal: read, verification: read };
  expect(told(await get(keys.operator, { system }).expect(200)).body).toEqual(state);
});
