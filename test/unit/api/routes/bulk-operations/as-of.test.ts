import supertest from 'supertest';
import type { BulkOperations } from '../../../../../api/routes/bulk-operations/deps';
import { toTimestamp } from '../../../../../domain/time';
import { apiUnderTest, bearer, keys, told } from '../../api-under-test';
import { bulkOperationsInMemory } from '../../bulk-operations-in-memory';

// operations as they stood, to those who may see them now

const START = Date.parse('2026-11-23T10:00:00.000Z');
const MINUTE = 60_000;
const jobIds = [1, 2, 3].map((n) => `019ab000-0000-7000-8000-00000000000${n}`);

/** One of alice's that was started at ten and gone through a minute later. */
const under = async (given: Partial<BulkOperations> = {}, requestDeadlineMs = 5_000) => {
  let now = START;
  const clock = { now: () => now };
  const memory = bulkOperationsInMemory(clock, given);
  const { app } = apiUnderTest({ clock, bulkOperations: memory.bulkOperations, requestDeadlineMs });
  const started = await supertest(app)
    .post('/v1/operations')
    .set('authorization', bearer(keys.alice))
    .send({ kind: 'cancel', jobIds });
  const { operationId } = started.body as { operationId: string };
  now += MINUTE;
  const outcomes = ['changed', 'job-running', 'unchanged'] as const;
  await memory.carryOn(operationId, { type: 'RecordProgress', batch: 0, outcomes });
  now += MINUTE;
  return {
    path: `/v1/operations/${operationId}`,
    get: async (path: string, key: string = keys.alice) =>
      told(await supertest(app).get(path).set('authorization', bearer(key))),
  };
};
const at = (ms: number): string => `asOf=${toTimestamp(START + ms)}`;

test('one is told as it stood, without an ETag: a past revision is no condition', async () => {
  const { path, get } = await under();
  const then = await get(`${path}?${at(MINUTE - 1)}`);
  expect(then).toMatchObject({
    status: 200,
    body: { status: 'running', progress: { waiting: 3, changed: 0 }, endedAt: null },
  });
  expect(then.headers).not.toHaveProperty('etag');
  expect(await get(`${path}?${at(MINUTE)}`)).toMatchObject({
    body: { status: 'completed', progress: { waiting: 0, changed: 1, refused: 1, unchanged: 1 } },
  });
});

test('its jobs are told as they stood, page by page, and a cursor leads through one past', async () => {
  const { path, get } = await under();
  const waiting = await get(`${path}/items?${at(0)}&limit=2`);
  const { nextCursor } = waiting.body as { nextCursor: string };
  expect(waiting.body).toMatchObject({
    items: [{ item: 0, jobId: jobIds[0], outcome: 'waiting' }, { outcome: 'waiting' }],
  });
  const next = await get(`${path}/items?${at(0)}&limit=2&cursor=${nextCursor}`);
  expect(next.body).toEqual({ items: [{ item: 2, jobId: jobIds[2], outcome: 'waiting' }] });
  for (const other of ['', `${at(1)}&`])
    expect((await get(`${path}/items?${other}cursor=${nextCursor}`)).status).toBe(400);
  const refused = await get(`${path}/items?${at(MINUTE)}&outcome=refused`);
  expect(refused.body).toEqual({
    items: [{ item: 1, jobId: jobIds[1], outcome: 'refused', code: 'job-running' }],
  });
});

test('what had not been started, and what is another’s, is none, whatever is asked of it', async () => {
  const { path, get } = await under();
  const unknown = { status: 404, body: { type: '/problems/operation-not-found' } };
  for (const rest of ['', '/items']) {
    expect(await get(`${path}${rest}?${at(-1)}`)).toMatchObject(unknown);
    expect(await get(`${path}${rest}?${at(MINUTE)}`, keys.bob)).toMatchObject(unknown);
    expect((await get(`${path}${rest}?${at(MINUTE)}`, keys.operator)).status).toBe(200);
  }
});

test('a list has the filters, the owner and the pages of the one that is live', async () => {
  const asked: object[] = [];
  const pastList: BulkOperations['pastList'] = ({ signal: _signal, ...request }) => {
    asked.push(request);
    return Promise.resolve({ items: [], next: { startedAt: START, operationId: jobIds[0] ?? '' } });
  };
  const { get } = await under({ pastList });
  const first = await get(`/v1/operations?${at(0)}&status=running&limit=7`);
  const { nextCursor } = first.body as { nextCursor: string };
  await get(`/v1/operations?${at(0)}&status=running&limit=7&cursor=${nextCursor}`);
  const request = {
    ...{ asOf: { kind: 'time', at: START }, actor: { kind: 'user', id: 'alice' }, limit: 7 },
    filter: { ownerId: 'alice', status: ['running'] },
  };
  const after = { startedAt: START, operationId: jobIds[0] };
  expect(asked).toEqual([request, { ...request, after }]);
  expect((await get(`/v1/operations?${at(0)}&ownerId=bob`)).status).toBe(403);
  expect((await get(`/v1/operations?status=running&cursor=${nextCursor}`)).status).toBe(400);
});

test('what takes longer than a request may is given up, and ends', async () => {
  const ended: unknown[] = [];
  const endless = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended.push(signal.reason);
        reject(signal.reason as Error); // the deadline gives one
      });
    });
  const { path, get } = await under({ asOf: endless, pastItems: endless, pastList: endless }, 50);
  for (const asked of [path, `${path}/items`, '/v1/operations'])
    expect(await get(`${asked}?${at(0)}`)).toMatchObject({
      status: 503,
      body: { type: '/problems/as-of-timed-out' },
    });
  expect(ended).toHaveLength(3);
});
