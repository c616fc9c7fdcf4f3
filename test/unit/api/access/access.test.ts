import supertest from 'supertest';
import {
  apiUnderTest,
  bearer,
  DUE,
  fakeCommands,
  keys,
  rightBody,
  viewFor,
  told,
} from '../api-under-test';

const view = viewFor('bob');
const { commands, calls } = fakeCommands(() =>
  Promise.resolve({ outcome: 'rejected', rejection: { code: 'job-not-found' } }),
);
const { app } = apiUnderTest({ commands, views: [view] });

beforeEach(() => calls.splice(0));

type Described = { readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>> };

/** A body that fits, so that a refusal is about who asks. */
const bodyOf = (path: string): object | undefined => {
  if (path === '/v1/jobs') return rightBody;
  if (path === '/v1/jobs/batch') return { jobs: [rightBody] };
  return path.endsWith('/reschedule') ? { dueAt: DUE } : undefined;
};

const send = (method: string, path: string, headers: Readonly<Record<string, string>>) => {
  const url = path.replace('{jobId}', view.jobId);
  const asked = method === 'post' ? supertest(app).post(url) : supertest(app).get(url);
  return asked.set(headers).send(method === 'post' ? bodyOf(path) : undefined);
};

/** From the description, so that a new route is in this matrix before anybody thinks of it. */
const routes = async (): Promise<readonly (readonly [method: string, path: string])[]> => {
  const { body } = told(await supertest(app).get('/openapi.json'));
  const { paths } = body as Described; // what /openapi.json promises
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => [method, path] as const),
  );
};

test('no route below /v1 answers without a key, and each says the same', async () => {
  const below = (await routes()).filter(([, path]) => path.startsWith('/v1'));
  expect(below.length).toBeGreaterThanOrEqual(12);
  for (const [method, path] of below) {
    const { status, body } = told(await send(method, path, {}));
    expect({ method, path, status, body }).toMatchObject({
      status: 401,
      body: { type: '/problems/unauthenticated' },
    });
  }
  expect(calls).toEqual([]);
});

test('an executor has no business with jobs over HTTP: it claims and reports over NATS', async () => {
  const aboutJobs = (await routes()).filter(
    ([, path]) => path.startsWith('/v1/jobs') || path === '/v1/live',
  );
  for (const [method, path] of aboutJobs) {
    const { status } = await send(method, path, { authorization: bearer(keys.executor) });
    expect({ method, path, status }).toMatchObject({ status: 403 });
  }
  expect(calls).toEqual([]);
});

test("a foreign job answers like an unknown one, to the letter, so that ids can't be tried out", async () => {
  const unknown = viewFor('nobody').jobId;
  const aboutOne = (await routes()).filter(([, path]) => path.includes('{jobId}'));
  expect(aboutOne).toHaveLength(8);
  for (const [method, path] of aboutOne) {
    const headers = { authorization: bearer(keys.alice) };
    const foreign = await send(method, path, headers);
    const missing = await send(method, path.replace('{jobId}', unknown), headers);
    const lettersOf = ({ text }: { readonly text: string }): string =>
      text
        .replaceAll(view.jobId, 'ID')
        .replaceAll(unknown, 'ID')
        .replace(/"requestId":"[^"]*"/, '');
    expect({ path, status: foreign.status }).toEqual({ path, status: 404 });
    expect(lettersOf(foreign)).toBe(lettersOf(missing));
  }
});

test('the owner and an operator see a job', async () => {
  for (const key of [keys.bob, keys.operator]) {
    const { status, body } = told(
      await send('get', '/v1/jobs/{jobId}', {
        authorization: bearer(key),
      }),
    );
    expect({ status, body }).toEqual({ status: 200, body: view });
  }
});

test('an unknown route below /v1 shows itself only to those who may ask', async () => {
  await supertest(app).get('/v1/nothing').expect(401);
  await supertest(app).get('/v1/nothing').set('authorization', bearer(keys.alice)).expect(404);
  await supertest(app).get('/nothing').expect(404);
});
