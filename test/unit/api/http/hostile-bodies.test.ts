import supertest from 'supertest';
import { hostileBytes, hostileValues } from '../../../support/hostile-json';
import { apiUnderTest, bearer, fakeCommands, keys, listening, told } from '../api-under-test';
import { ask } from '../ask';

// whatever comes in is held to the same rules, by whichever route it comes

let server: Awaited<ReturnType<typeof listening>>;
let routes: readonly (readonly [method: string, path: string])[];
const errors: string[] = [];
const { commands, calls } = fakeCommands();

const ID = '3f0c7d9e-4b0a-4f7e-9c1d-0a1b2c3d4e5f';

beforeAll(async () => {
  const silent = () => undefined;
  const error = (_: object, message: string) => errors.push(message);
  const logger = { debug: silent, info: silent, warn: silent, error };
  const api = apiUnderTest({ commands, logger });
  const { body } = told(await supertest(api.app).get('/openapi.json'));
  const { paths } = body as { readonly paths: Readonly<Record<string, Record<string, object>>> };
  routes = Object.entries(paths).flatMap(([path, methods]) => {
    const itsOwn = path.replaceAll(/\{\w+At\}/g, '2026-11-23T12:00:00Z').replaceAll(/\{\w+\}/g, ID);
    return Object.entries(methods).flatMap(([method, operation]) =>
      'requestBody' in operation ? [[method.toUpperCase(), itsOwn] as const] : [],
    );
  });
  server = await listening(api);
});
afterAll(() => server.close());

type Sent = { readonly body: string | Buffer; readonly flaws: readonly string[] };

/** What has a flaw may be too large for a route, and what is no JSON too deep, before anybody comes to the flaw. */
const flawsOf = (flaw: string | undefined): readonly string[] =>
  flaw === undefined ? ['invalid-json', 'too-deep'] : [flaw, 'body-too-large'];

const sent: readonly Sent[] = [
  ...hostileValues.map(({ value, flaw }) => ({
    body: `{"jobs":[${value}],"payload":${value}}`,
    flaws: flawsOf(flaw),
  })),
  ...hostileBytes
    .filter(({ length }) => length > 0)
    .map((bytes) => ({ body: Buffer.from(bytes), flaws: ['invalid-utf8'] })),
];

test('every route that takes a body refuses all of it by name, does nothing, and none of it is an error of ours', async () => {
  expect(routes.length).toBeGreaterThan(15);
  const headers = ['Authorization', bearer(keys.operator), 'Content-Type', 'application/json'];
  const unnamed: string[] = [];
  for (const [method, path] of routes)
    for (const { body, flaws } of sent) {
      const { status, text } = await ask(server.port, { method, path, headers, body });
      // a batch refuses its items one by one
      const isRefused = [400, 413, 422].includes(status) || path.endsWith('/batch');
      if (!isRefused || !flaws.some((flaw) => text.includes(flaw)))
        unnamed.push(`${status} ${method} ${path} ${body.toString('utf8').slice(0, 40)}: ${text}`);
    }
  expect(unnamed).toEqual([]);
  expect(calls).toEqual([]);
  expect(errors).toEqual([]);
});
