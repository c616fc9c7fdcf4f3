import supertest from 'supertest';
import type { Readiness } from '../../../../api/routes/operations';
import { apiUnderTest, bearer, keys, told } from '../api-under-test';

type Layer = { readonly route?: { readonly path: string } };

const { app } = apiUnderTest();

describe('the API description', () => {
  test('names the routes of the app, all of them and no others', async () => {
    const { body } = told(await supertest(app).get('/openapi.json').expect(200));
    const described = Object.keys((body as { paths: object }).paths);
    const layers = app.router.stack as readonly Layer[]; // Express types no more than a router
    const served = layers.flatMap(({ route }) =>
      route ? [route.path.replaceAll(/:(\w+)/g, '{$1}')] : [],
    );
    expect(served.length).toBeGreaterThan(10);
    expect([...described].sort()).toEqual([...served].sort());
  });

  test('each operation of a path is served: a method that is not described is refused', async () => {
    const { body } = told(await supertest(app).get('/openapi.json'));
    const { paths } = body as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths)) {
      const { headers } = await supertest(app)
        .patch(path.replace('{jobId}', 'x'))
        .set('authorization', bearer(keys.operator))
        .expect(405);
      const methods = String(headers['allow']).toLowerCase().split(', ');
      expect(methods.filter((method) => method !== 'head').sort()).toEqual(
        Object.keys(operations).sort(),
      );
    }
  });

  test('refers only to schemas that it has', async () => {
    const { body, text } = told(await supertest(app).get('/openapi.json'));
    const { components } = body as { components: { schemas: object } };
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name] of references) expect(Object.keys(components.schemas)).toContain(name);
    expect(text).not.toContain('"$id"');
  });

  test('is shown to people without scripts from elsewhere, and without a promise of HTTPS', async () => {
    await supertest(app).get('/docs').expect(308).expect('location', '/docs/');
    const page = await supertest(app).get('/docs/').expect(200);
    const policy = page.headers['content-security-policy'];
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(page.headers['strict-transport-security']).toBeUndefined();
    const script = await supertest(app).get('/docs/swagger-initializer.js').expect(200);
    expect(script.text).toContain('/openapi.json');
    await supertest(app).get('/docs/swagger-ui-bundle.js').expect(200);
    await supertest(app).get('/docs/../package.json').expect(404);
  });
});

const readyz = async (found: Readiness) => {
  const { app: looked } = apiUnderTest({ readiness: () => Promise.resolve(found) });
  const { status, body } = told(await supertest(looked).get('/readyz'));
  return { status, body };
};

test('what is not ready says why', async () => {
  const conditions = [{ name: 'event-log', status: 'fail' as const }];
  const checks = { eventLog: 'unavailable' };
  expect(await readyz({ conditions, checks })).toEqual({
    status: 503,
    body: { status: 'not-ready', conditions, checks },
  });
});

test('a warning is told and takes nobody out of service: what all instances share would take them all', async () => {
  const conditions = [
    { name: 'event-log', status: 'ok' as const },
    { name: 'projection', status: 'warn' as const, detail: { lagMs: 60_000 } },
  ];
  expect(await readyz({ conditions, checks: {} })).toEqual({
    status: 200,
    body: { status: 'ready', conditions, checks: {} },
  });
});

test('a check that fails is a reason not to be ready, not a crash', async () => {
  const { app: failing } = apiUnderTest({
    readiness: () => Promise.reject(new Error('no database')),
  });
  const heard = await supertest(failing).get('/readyz');
  expect(heard.status).toBe(503);
  expect(heard.body).toEqual({
    status: 'not-ready',
    conditions: [{ name: 'readiness', status: 'fail', detail: { error: 'no database' } }],
    checks: { error: 'no database' },
  });
});

test('what was seen is for operators and this machine: by its counts and positions anybody would see the jobs of all', async () => {
  const detail = { count: 1, queues: [{ queue: 'media', jobs: 214 }] };
  const conditions = [{ name: 'queues-served', status: 'warn' as const, detail }];
  const found = { conditions, checks: { position: '4711' } };
  const { app: afar } = apiUnderTest({
    metricsAccess: 'operators',
    readiness: () => Promise.resolve(found),
  });
  const bare = {
    ...{ status: 'ready', checks: {} },
    conditions: [{ name: 'queues-served', status: 'warn' }],
  };
  const as = async (key: string) =>
    (await supertest(afar).get('/readyz').set('authorization', bearer(key)).expect(200))
      .body as object;
  expect((await supertest(afar).get('/readyz').expect(200)).body).toEqual(bare);
  expect(await as(keys.alice)).toEqual(bare);
  expect(await as(keys.operator)).toEqual({ status: 'ready', ...found });
});

test('alive as long as it answers', async () => {
  await supertest(app).get('/livez').expect(200, { status: 'ok' });
});

describe('metrics', () => {
  test('are open on this machine', async () => {
    await supertest(app).get('/metrics').expect(200, 'up 1\n');
  });

  test('are for operators when set so', async () => {
    const { app: closed } = apiUnderTest({ metricsAccess: 'operators' });
    const as = (key: string) => supertest(closed).get('/metrics').set('authorization', bearer(key));
    await supertest(closed).get('/metrics').expect(401);
    await as(keys.alice).expect(403);
    await as(keys.operator).expect(200, 'up 1\n');
  });
});

test('limits are told, so that nobody finds them by running into them', async () => {
  const { body } = told(
    await supertest(app).get('/v1/limits').set('authorization', bearer(keys.executor)).expect(200),
  );
  expect(body).toMatchObject({
    bodyBytes: 262_144,
    batchBodyBytes: 4_194_304,
    payloadBytes: 65_536,
    pageLimit: 200,
    requests: { kind: 'unlimited' },
  });
});

test('answers carry the headers that an API of data needs, and do not say what serves them', async () => {
  const { headers } = await supertest(app).get('/v1/jobs').set('authorization', bearer(keys.alice));
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
  expect(headers['x-powered-by']).toBeUndefined();
});

test('every request leaves one line and one observation, by its pattern', async () => {
  const lines: unknown[] = [];
  const observed: unknown[] = [];
  const quiet = (): void => undefined;
  const { app: logged } = apiUnderTest({
    observe: (answered) => observed.push(answered),
    logger: {
      debug: (fields, message) => lines.push(['debug', message, fields]),
      info: (fields, message) => lines.push(['info', message, fields]),
      warn: quiet,
      error: quiet,
    },
  });
  const id = '3f0c7d9e-4b0a-4f7e-9c1d-0a1b2c3d4e5f';
  await supertest(logged).get('/v1/limits').set('authorization', bearer(keys.alice));
  await supertest(logged).get(`/v1/jobs/${id}`).set('authorization', bearer(keys.alice));
  expect(lines).toMatchObject([
    ['debug', 'request', { method: 'GET', path: '/v1/limits', status: 200 }],
    ['info', 'request', { path: `/v1/jobs/${id}`, status: 404, code: 'job-not-found' }],
  ]);
  expect(observed).toMatchObject([
    { method: 'GET', route: '/v1/limits', status: 200 },
    { method: 'GET', route: '/v1/jobs/{jobId}', status: 404 },
  ]);
  expect(JSON.stringify(lines)).not.toContain(keys.alice);
});
