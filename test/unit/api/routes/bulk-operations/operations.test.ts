import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { operationStream } from '../../../../../domain/ids';
import type { BulkOperations } from '../../../../../api/routes/bulk-operations/deps';
import type {
  OperationPreview,
  Previewed,
} from '../../../../../projections/queries/operations/preview';
import { apiUnderTest, bearer, keys, told, viewFor, type Fakes } from '../../api-under-test';
import { bulkOperationsInMemory } from '../../bulk-operations-in-memory';

const clock = { now: Date.now };
const jobId = (): string => randomUUID().replace(/^(.{14})./, '$17');

const under = (given: Partial<BulkOperations> = {}, fakes: Fakes = {}) => {
  const memory = bulkOperationsInMemory(clock, given);
  const { app } = apiUnderTest({ clock, bulkOperations: memory.bulkOperations, ...fakes });
  const agent = supertest(app);
  const send = (path: string, body: object, key: string = keys.alice, headers = {}) =>
    agent.post(path).set('authorization', bearer(key)).set(headers).send(body);
  return {
    ...memory,
    start: (body: object, key?: string, headers = {}) => send('/v1/operations', body, key, headers),
    send,
    get: (path: string, key: string = keys.alice) =>
      agent.get(path).set('authorization', bearer(key)),
  };
};
const idIn = (response: { body: unknown }): string =>
  (response.body as { operationId: string }).operationId;

const cancelling = { kind: 'cancel', filter: { tag: 'red' } };

const previewing = (
  preview: (asked: Parameters<OperationPreview['preview']>[0]) => Previewed,
): OperationPreview => ({
  count: () => Promise.resolve(0),
  preview: (asked) => Promise.resolve(preview(asked)),
});

test('an operation is in the log when it is answered, with the owner in its filter', async () => {
  const { start, log } = under();
  const answer = told(await start({ ...cancelling, reason: 'sent by mistake' }));
  expect(answer).toMatchObject({
    status: 201,
    body: { kind: 'cancel', status: 'selecting', items: null, ownerId: 'alice' },
  });
  const [event] = await log.read(operationStream(idIn(answer)));
  expect(event).toMatchObject({
    type: 'OperationStarted',
    data: {
      ...{ ownerId: 'alice', role: 'user', kind: 'cancel', reason: 'sent by mistake' },
      selection: { by: 'filter', filter: { tag: 'red', ownerId: 'alice' } },
    },
    metadata: { actor: { kind: 'user', id: 'alice' } },
  });
});

test('named jobs are taken once each, in either case', async () => {
  const [one, other] = [jobId(), jobId()];
  const { start } = under();
  const answer = told(
    await start({ kind: 'redrive', jobIds: [one, other.toUpperCase(), one, other] }),
  );
  expect(answer).toMatchObject({ status: 201, body: { status: 'running', items: 2 } });
});

test.each<[string, object, number, string, string]>([
  ['neither filter nor jobs', { kind: 'cancel' }, 400, 'invalid-body', '/filter'],
  ['both', { ...cancelling, jobIds: [jobId()] }, 400, 'invalid-body', '/filter'],
  ['no such kind', { kind: 'delete', filter: {} }, 400, 'invalid-body', '/kind'],
  ['a move by nothing said', { kind: 'move', filter: {} }, 400, 'invalid-body', '/by'],
  ['a move by nothing', { kind: 'move', filter: {}, by: 'PT0S' }, 422, 'out-of-range', '/by'],
  ['a move by years', { kind: 'move', filter: {}, by: 'P400D' }, 422, 'out-of-range', '/by'],
  [
    'a month, which has no length',
    { kind: 'move', filter: {}, by: 'P1M' },
    422,
    'bad-duration',
    '/by',
  ],
  [
    'a start since a time',
    { ...cancelling, since: '2026-11-29T12:00:00Z' },
    422,
    'unknown-property',
    '/since',
  ],
  [
    'a time of no offset',
    { ...cancelling, dryRun: true, since: '2026-11-29T12:00:00' },
    400,
    'offset-required',
    '/since',
  ],
  ['a cancel by a time', { ...cancelling, by: 'PT1H' }, 422, 'unknown-property', '/by'],
  [
    'an unknown filter',
    { kind: 'cancel', filter: { tags: 'red' } },
    422,
    'unknown-property',
    '/filter/tags',
  ],
  [
    'an unknown status',
    { kind: 'cancel', filter: { status: ['gone'] } },
    400,
    'invalid-body',
    '/filter/status/0',
  ],
  [
    'a time without offset',
    { kind: 'cancel', filter: { from: '2027-01-01T00:00:00' } },
    400,
    'offset-required',
    '/filter/from',
  ],
  [
    'a window that ends first',
    { kind: 'cancel', filter: { from: '2027-01-02T00:00:00Z', to: '2027-01-01T00:00:00Z' } },
    422,
    'bad-window',
    '/filter/to',
  ],
  [
    'no error code',
    { kind: 'redrive', filter: { errorCode: '' } },
    422,
    'too-short',
    '/filter/errorCode',
  ],
  ['an id that is none', { kind: 'cancel', jobIds: ['7'] }, 400, 'bad-id', '/jobIds/0'],
  ['no jobs at all', { kind: 'cancel', jobIds: [] }, 422, 'too-short', '/jobIds'],
])('%s is refused and starts nothing', async (_what, body, status, code, pointer) => {
  const { start, bulkOperations } = under();
  const started = jest.spyOn(bulkOperations.commands, 'start');
  const answer = told(await start(body));
  expect(answer).toMatchObject({
    status,
    body: { type: `/problems/${code}`, errors: [{ pointer }] },
  });
  expect(started).not.toHaveBeenCalled();
});

test('nobody but an operator selects the jobs of others', async () => {
  const foreign = { kind: 'cancel', filter: { ownerId: 'bob' } };
  const { start } = under();
  expect(told(await start(foreign))).toMatchObject({ status: 403 });
  expect(told(await start(foreign, keys.operator))).toMatchObject({ status: 201 });
  expect(told(await start(cancelling, keys.executor))).toMatchObject({ status: 403 });
});

test('a dry run tells how many and some, of what the kind can change, and starts nothing', async () => {
  const asked: object[] = [];
  const found = { count: 7, sample: [viewFor('alice')], isComplete: false, startedSince: 2 };
  const others = [{ status: 'scheduled', count: 9_000 }] as const;
  const { start, bulkOperations } = under({
    preview: previewing((one) => {
      asked.push(one);
      return { ...found, others };
    }),
  });
  const started = jest.spyOn(bulkOperations.commands, 'start');
  const since = '2026-11-29T13:00:00+01:00';
  const answer = told(
    await start({ kind: 'redrive', filter: { queue: 'mail' }, dryRun: true, since }),
  );
  expect(answer).toMatchObject({
    status: 200,
    body: {
      ...{ dryRun: true, kind: 'redrive', count: 7, sample: [{ ownerId: 'alice' }] },
      ...{ others, isComplete: false, startedSince: 2 },
    },
  });
  expect(answer.body).not.toHaveProperty('unknown');
  expect(asked).toMatchObject([
    {
      filter: { queue: 'mail', ownerId: 'alice', status: ['failed'] },
      since: Date.UTC(2026, 10, 29, 12),
      upTo: 10_000,
    },
  ]);
  expect(started).not.toHaveBeenCalled();
});

test('a dry run of named jobs tells of those that it would not be about why, and how many are none of the owner’s', async () => {
  const others = [
    { status: 'running', count: 2 },
    { status: 'succeeded', count: 1 },
  ] as const;
  const { start } = under({
    preview: previewing(() => ({
      ...{ count: 3, sample: [viewFor('alice')], others, isComplete: true },
    })),
  });
  const jobIds = Array.from({ length: 7 }, jobId);
  const answer = told(await start({ kind: 'cancel', jobIds, dryRun: true }));
  expect(answer.body).toMatchObject({ count: 3, others, unknown: 1 });
});

test('the dead letters of one cause are selected by error code and queue', async () => {
  const { start, log } = under();
  const filter = { errorCode: 'HTTP_500', queue: 'mail' };
  const answer = told(await start({ kind: 'redrive', filter }));
  expect(answer).toMatchObject({ status: 201, body: { filter: { ...filter, ownerId: 'alice' } } });
  expect(await log.read(operationStream(idIn(answer)))).toMatchObject([
    { data: { kind: 'redrive', selection: { by: 'filter', filter } } },
  ]);
});

test('more jobs than one operation may change are refused before it starts, and a dry run says the same', async () => {
  const { start } = under({
    preview: { count: () => Promise.resolve(250_001), preview: () => Promise.resolve(undefined) },
  });
  for (const dryRun of [true, false])
    expect(told(await start({ ...cancelling, dryRun }))).toMatchObject({
      status: 422,
      body: { type: '/problems/operation-too-large', max: 250_000 },
    });
});

test('the same key is the same operation, another body with it is refused', async () => {
  const { start } = under();
  const key = { 'idempotency-key': 'once' };
  const first = told(await start(cancelling, keys.alice, key));
  const again = told(await start(cancelling, keys.alice, key));
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(idIn(again)).toBe(idIn(first));
  expect(told(await start({ kind: 'cancel', filter: {} }, keys.alice, key))).toMatchObject({
    status: 422,
    body: { type: '/problems/idempotency-key-reused' },
  });
});

test('an owner has so many open operations and no more', async () => {
  const limits = {
    requests: { kind: 'unlimited' },
    pendingJobs: { kind: 'unlimited' },
    schedulesPerOwner: { kind: 'unlimited' },
    openOperations: { kind: 'limited', max: 1 },
    webhooksPerOwner: { kind: 'unlimited' },
    liveStreams: 3,
    allowPrivateTargets: false,
    locationSchemes: ['https'],
  } as const;
  const { start } = under({ countOpen: () => Promise.resolve(0) }, { limits });
  expect(told(await start(cancelling))).toMatchObject({ status: 201 });
  expect(told(await start(cancelling))).toMatchObject({
    status: 409,
    body: { type: '/problems/operation-quota-exceeded' },
  });
  expect(told(await start(cancelling, keys.bob))).toMatchObject({ status: 201 });
});

test('a foreign operation answers like one that never was, whatever is asked of it', async () => {
  const { start, send, get } = under();
  const operationId = idIn(told(await start(cancelling)));
  const unknown = jobId();
  const asked = [
    (id: string) => get(`/v1/operations/${id}`, keys.bob),
    (id: string) => get(`/v1/operations/${id}/items`, keys.bob),
    (id: string) => send(`/v1/operations/${id}/stop`, {}, keys.bob),
    (id: string) => send(`/v1/operations/${id}/undo`, {}, keys.bob),
  ];
  for (const ask of asked) {
    const foreign = told(await ask(operationId));
    expect(foreign).toMatchObject({
      status: 404,
      body: { type: '/problems/operation-not-found' },
    });
    expect(told(await ask(unknown)).status).toBe(404);
  }
  expect(told(await get(`/v1/operations/${operationId}`, keys.operator)).status).toBe(200);
});

test('a stop is at a revision that was seen, or not at all', async () => {
  const { start, send } = under();
  const operationId = idIn(told(await start(cancelling)));
  const path = `/v1/operations/${operationId}/stop`;
  const stale = told(await send(path, {}, keys.alice, { 'if-match': '"5"' }));
  expect(stale).toMatchObject({ status: 412, headers: { etag: '"0"' } });
  const stopped = told(await send(path, { reason: 'no' }, keys.alice, { 'if-match': '"0"' }));
  expect(stopped).toMatchObject({ status: 200, body: { status: 'stopping', note: 'no' } });
});

test('items come page by page, and a cursor belongs to one list', async () => {
  const asked: object[] = [];
  const items: BulkOperations['items'] = (_id, page) => {
    asked.push(page);
    return Promise.resolve({ items: [{ item: 4, jobId: jobId(), outcome: 'changed' }], next: 4 });
  };
  const { start, get } = under({ items });
  const operationId = idIn(told(await start(cancelling)));
  const path = `/v1/operations/${operationId}/items?limit=1`;
  const { body } = told(await get(`${path}&outcome=changed`));
  const { nextCursor } = body as { nextCursor: string };
  expect(told(await get(`${path}&outcome=changed&cursor=${nextCursor}`)).status).toBe(200);
  expect(told(await get(`${path}&cursor=${nextCursor}`)).status).toBe(400);
  expect(asked).toEqual([
    { limit: 1, outcome: 'changed' },
    { limit: 1, outcome: 'changed', after: 4 },
  ]);
});
