import supertest from 'supertest';
import type { CurrentShares, SharesAnswer, SharesContext } from '../../../../commands/set-shares';
import { SharesUnreadable } from '../../../../commands/set-shares';
import { noShares, type Shares } from '../../../../domain/shares/shares';
import { apiUnderTest, bearer, keys, told, type Fakes } from '../api-under-test';

const mail: Shares = {
  queues: { mail: { maxRunning: 5, maxRunningPerOwner: 2, ratePerSecond: 10 } },
  owners: { 'ada@example.com': { maxRunning: 3, weight: 100 } },
};

type Given = {
  readonly current?: CurrentShares;
  readonly answer?: SharesAnswer;
  readonly fakes?: Fakes;
};

const bench = ({ current = { shares: mail, revision: 6n }, answer, fakes = {} }: Given = {}) => {
  const asked: (readonly [Shares, SharesContext])[] = [];
  const { app } = apiUnderTest({
    shares: {
      current: () => Promise.resolve(current),
      set: (shares, context) => {
        asked.push([shares, context]);
        return Promise.resolve(answer ?? { outcome: 'accepted', shares, revision: 7n });
      },
    },
    ...fakes,
  });
  const as = (key: string) => ({
    get: (path = '/v1/shares') => supertest(app).get(path).set('authorization', bearer(key)),
    put: (body: object | string, headers: Readonly<Record<string, string>> = {}) =>
      supertest(app)
        .put('/v1/shares')
        .set({ authorization: bearer(key), 'content-type': 'application/json', ...headers })
        .send(body),
  });
  return { asked, ...as(keys.operator), as };
};

test('what is read is what may be set, with its ETag', async () => {
  const { get, put, asked } = bench();
  const read = told(await get().expect(200));
  expect(read.headers['etag']).toBe('"6"');
  const set = told(await put(read.body as Shares, { 'if-match': '"6"' }).expect(200));
  expect(set.headers['etag']).toBe('"7"');
  expect(set.body).toEqual(mail);
  expect(asked).toMatchObject([[mail, { ifMatch: 6n, actor: { kind: 'operator', id: 'olga' } }]]);
});

test('before the first document there is an ETag too, so that two first ones do not meet unseen', async () => {
  const { get, put, asked } = bench({ current: { shares: noShares } });
  expect((await get().expect(200)).headers['etag']).toBe('"none"');
  await put(noShares, { 'if-match': '"none"' }).expect(200);
  expect(asked).toMatchObject([[noShares, { ifMatch: 'none' }]]);
});

test('a document that has changed meanwhile is not replaced: 412 with the current ETag', async () => {
  const { put } = bench({
    answer: { outcome: 'rejected', rejection: { code: 'revision-mismatch', revision: 9n } },
  });
  const heard = await put(mail, { 'if-match': '"6"' }).expect(412);
  expect(heard.headers['etag']).toBe('"9"');
  expect(heard.body).toMatchObject({ type: '/problems/revision-mismatch' });
});

test.each`
  body                                                           | status | code                  | pointer                         | why
  ${{ queues: {} }}                                              | ${400} | ${'invalid-body'}     | ${'/owners'}                    | ${'the document is whole or none'}
  ${{ ...noShares, more: {} }}                                   | ${422} | ${'unknown-property'} | ${'/more'}                      | ${'a misspelt part would be lost in silence'}
  ${{ queues: { mail: { maxruning: 5 } }, owners: {} }}          | ${422} | ${'unknown-property'} | ${'/queues/mail/maxruning'}     | ${'so would a misspelt limit'}
  ${{ queues: { mail: { maxRunning: 0 } }, owners: {} }}         | ${422} | ${'out-of-range'}     | ${'/queues/mail/maxRunning'}    | ${'nothing at all is no share'}
  ${{ queues: { mail: { maxRunning: 1_000_001 } }, owners: {} }} | ${422} | ${'out-of-range'}     | ${'/queues/mail/maxRunning'}    | ${'numbers have maxima'}
  ${{ queues: { mail: { ratePerSecond: 2.5 } }, owners: {} }}    | ${422} | ${'out-of-range'}     | ${'/queues/mail/ratePerSecond'} | ${'rates are whole'}
  ${{ queues: { 'm.ail': {} }, owners: {} }}                     | ${422} | ${'bad-queue'}        | ${'/queues/m.ail'}              | ${'no queue has that name'}
  ${{ queues: {}, owners: { ada: { weight: 101 } } }}            | ${422} | ${'out-of-range'}     | ${'/owners/ada/weight'}         | ${'weights have a maximum'}
  ${{ queues: {}, owners: { ada: { weight: '3' } } }}            | ${400} | ${'invalid-body'}     | ${'/owners/ada/weight'}         | ${'a text is no number'}
  ${{ queues: {}, owners: { 'a\u0007': {} } }}                   | ${422} | ${'invalid-unicode'}  | ${'/owners/a\u0007'}            | ${'control characters steer terminals'}
  ${'{"queues":{"constructor":{}},"owners":{}}'}                 | ${400} | ${'forbidden-key'}    | ${'/queues/constructor'}        | ${'objects have that key by themselves'}
  ${'{"queues":{"a":{},"a":{}},"owners":{}}'}                    | ${400} | ${'duplicate-key'}    | ${'/queues/a'}                  | ${'one of the two would not count'}
`(
  '$body is refused with $code: $why',
  async ({ body, status, code, pointer }: Record<string, string | number>) => {
    const { put, asked } = bench();
    const heard = await put(body as string | object).expect(Number(status));
    expect(heard.body).toMatchObject({ errors: [{ pointer, code }] });
    expect(asked).toEqual([]);
  },
);

test('a document has at most so many names, each of which a dispatcher keeps in memory', async () => {
  const { put } = bench();
  const owners = Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`o${n}`, {}]));
  const heard = await put({ queues: {}, owners }).expect(422);
  expect(heard.body).toMatchObject({ errors: [{ pointer: '/owners', code: 'too-long' }] });
});

test.each(['alice', 'executor'] as const)(
  '%s may neither read nor set shares, nor see queues',
  async (who) => {
    const { as, asked } = bench();
    const { get, put } = as(keys[who]);
    await get().expect(403);
    await get('/v1/queues').expect(403);
    await put(mail).expect(403);
    expect(asked).toEqual([]);
  },
);

test('shares that nobody can read are a named problem, which says how to mend them', async () => {
  const current = () => Promise.reject(new SharesUnreadable('shares@4 is no document of shares'));
  const { get } = bench({
    fakes: { shares: { current, set: () => Promise.resolve({ outcome: 'contended' }) } },
  });
  const heard = await get().expect(500);
  expect(heard.body).toMatchObject({ type: '/problems/shares-unreadable' });
});

test('queues are told with the limits that are in force for each', async () => {
  const heldBack = { reason: 'queue-rate', since: '2026-11-23T10:00:00.000Z' } as const;
  const state = {
    ...{ backlog: 4, queued: 3, running: 2, startsPerSecond: 1.5 },
    ...{ executors: 1, ownersHeldBack: 0 },
  };
  const { get } = bench({
    fakes: {
      queues: {
        states: {
          list: () =>
            Promise.resolve({
              queues: [
                { ...state, queue: 'mail', budget: 256, oldestWaitMs: 12_000, heldBack },
                { ...state, queue: 'default' },
              ],
              isBacklogCut: true,
            }),
        },
        limits: () => Promise.resolve((queue) => (queue === 'mail' ? { ratePerSecond: 10 } : {})),
      },
    },
  });
  const { body } = told(await get('/v1/queues').expect(200));
  expect(body).toEqual({
    queues: [
      {
        ...{ ...state, queue: 'mail', budget: 256, oldestWaitMs: 12_000, heldBack },
        limits: { ratePerSecond: 10 },
      },
      { ...state, queue: 'default', budget: null, oldestWaitMs: null, limits: {} },
    ],
    isBacklogCut: true,
  });
});
