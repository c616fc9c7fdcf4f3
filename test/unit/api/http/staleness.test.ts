import supertest from 'supertest';
import { apiUnderTest, bearer, keys, told } from '../api-under-test';

// a list is as old as the read model, and who reads it cannot see that: so each says how old it may be

type Described = {
  readonly get?: {
    readonly operationId: string;
    readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
  };
};

/** What a webhook was sent is written by who sends it, not by the projection whose lag is told. */
const NOT_OF_THE_PROJECTION = 'listDeliveries';

/** Paths of lists, as the description has them, and whether it has the header for them. */
const lists = async () => {
  const { body } = told(await supertest(apiUnderTest().app).get('/openapi.json'));
  const { paths } = body as { readonly paths: Readonly<Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, { get }]) => {
    if (!get?.operationId.startsWith('list')) return [];
    if (get.operationId === NOT_OF_THE_PROJECTION) return [];
    return [{ path, isTold: 'Punctual-Lag-Ms' in (get.responses['200']?.headers ?? {}) }];
  });
};

test('every list says how far behind the log it may be, and the description says so of each', async () => {
  const found = await lists();
  const { app } = apiUnderTest({
    freshness: {
      waitFor: () => Promise.resolve(true),
      position: () => undefined,
      lag: () => ({ events: 7, ms: 4_000 }),
    },
  });
  const ofAll = found.map(({ path }) => path).filter((path) => !path.includes('{'));
  expect(ofAll).toEqual(expect.arrayContaining(['/v1/jobs', '/v1/queues', '/v1/schedules']));
  const heard = await Promise.all(
    ofAll.map((path) => supertest(app).get(path).set('authorization', bearer(keys.operator))),
  );
  const withoutIt = ofAll.filter((_, index) => heard[index]?.headers['punctual-lag-ms'] !== '4000');
  expect(withoutIt).toEqual([]);
  expect(found.filter(({ isTold }) => !isTold)).toEqual([]);
});
