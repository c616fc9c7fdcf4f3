import supertest from 'supertest';
import { apiUnderTest, bearer, fakeCommands, keys, rightBody, told } from '../api-under-test';

const bench = () => {
  const { commands, calls } = fakeCommands();
  const { app } = apiUnderTest({
    commands,
    queuesOf: (ownerId) => (ownerId === 'alice' ? ['mail', 'default'] : 'any'),
  });
  const post = (path: string, key: string, body: object) =>
    supertest(app).post(path).set('authorization', bearer(key)).send(body);
  return { app, calls, post };
};

test.each`
  key           | queue        | status | why
  ${keys.alice} | ${'mail'}    | ${201} | ${'it is one of hers'}
  ${keys.alice} | ${undefined} | ${201} | ${'the default is one of hers'}
  ${keys.alice} | ${'bulk'}    | ${403} | ${'it is not'}
  ${keys.bob}   | ${'bulk'}    | ${201} | ${'he may use any'}
`(
  'a job to $queue is answered $status: $why',
  async ({ key, queue, status }: Record<string, string>) => {
    const { post, calls } = bench();
    const heard = await post('/v1/jobs', String(key), { ...rightBody, queue });
    expect(heard.status).toBe(Number(status));
    expect(calls).toHaveLength(heard.status === 201 ? 1 : 0);
  },
);

test('a queue that is not the owner’s is a named problem, alone and in a batch, where it spoils no other', async () => {
  const { post, calls } = bench();
  const bad = { ...rightBody, queue: 'bulk' };
  const alone = await post('/v1/jobs', keys.alice, bad);
  expect(alone.body).toMatchObject({
    type: '/problems/queue-forbidden',
    errors: [{ pointer: '/queue', code: 'queue-forbidden' }],
  });
  const { body } = told(await post('/v1/jobs/batch', keys.alice, { jobs: [rightBody, bad] }));
  expect(body).toMatchObject({
    results: [
      { status: 201 },
      {
        status: 403,
        problem: {
          type: '/problems/queue-forbidden',
          errors: [{ pointer: '/jobs/1/queue', code: 'queue-forbidden' }],
        },
      },
    ],
  });
  expect(calls).toHaveLength(1);
});

test('everybody can read which queues are theirs', async () => {
  const { app } = bench();
  const limits = (key: string) =>
    supertest(app).get('/v1/limits').set('authorization', bearer(key));
  expect((await limits(keys.alice)).body).toMatchObject({ queues: ['mail', 'default'] });
  expect((await limits(keys.bob)).body).toMatchObject({ queues: 'any' });
});
