import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { apiUnderTest, bearer, keys, told } from '../api-under-test';

const SCRIPT = 'const theme = 1;';
const PAGE = `<head><base href="/" /><script>${SCRIPT}</script></head>`;
const CODE = 'console.log("a page")';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const builtConsole = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'punctual-test-console-'));
  folders.push(folder);
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  const file = join(folder, 'assets', 'index-abc.js');
  writeFileSync(file, CODE);
  writeFileSync(`${file}.gz`, gzipSync(CODE));
  writeFileSync(`${file}.br`, brotliCompressSync(CODE));
  return folder;
};

describe('the console', () => {
  const consoleFolder = builtConsole();
  const { app } = apiUnderTest({ consoleFolder });

  test.each([
    '/',
    '/jobs',
    '/jobs/new',
    '/jobs/1',
    '/schedules',
    '/schedules/new',
    '/schedules/1',
    '/load',
  ])('is found at %s, asked for anew each time', async (place) => {
    const { text, headers } = await supertest(app).get(place).expect(200);
    expect(text).toBe(PAGE);
    expect(headers['cache-control']).toBe('no-cache');
    await supertest(app).get(place).set('if-none-match', String(headers['etag'])).expect(304);
  });

  test('runs no script that the build did not make, asks nobody else and stands in nobody’s frame', async () => {
    const { headers } = await supertest(app).get('/').expect(200);
    const hash = createHash('sha256').update(SCRIPT).digest('base64');
    // all of it, so that nothing is given up unseen: of inline code style attributes alone, and no eval
    expect(String(headers['content-security-policy']).split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'self' 'sha256-${hash}'`,
      "style-src 'self'",
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  test('its files are kept for a year by their names, and come compressed to who takes that', async () => {
    for (const [asked, encoding] of [
      ['br, gzip', 'br'],
      ['gzip', 'gzip'],
      ['identity', undefined],
    ] as const) {
      const { headers, text } = await supertest(app)
        .get('/assets/index-abc.js')
        .set('accept-encoding', asked)
        .expect(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['content-encoding']).toBe(encoding);
      if (encoding !== 'br') expect(text).toBe(CODE);
    }
  });

  test('what it does not have is not there: no path leads out of it', async () => {
    for (const path of ['/assets/none.js', '/assets/..%2Findex.html', '/jobs/1/2', '/index.html'])
      await supertest(app).get(path).expect(404);
    await supertest(app).post('/jobs').expect(404);
  });

  test('where none was built the API is as it was', async () => {
    await supertest(apiUnderTest().app).get('/').expect(404);
  });
});

describe('behind a proxy with a path', () => {
  const publicUrl = 'https://example.com/team/';
  const { app } = apiUnderTest({ consoleFolder: builtConsole(), publicUrl });

  test('the page, the docs and the API description say where users find them', async () => {
    const page = await supertest(app).get('/').expect(200);
    expect(page.text).toContain('<base href="/team/" />');
    await supertest(app).get('/docs').expect(308).expect('location', '/team/docs/');
    const { body } = told(await supertest(app).get('/openapi.json').expect(200));
    expect(body).toMatchObject({ servers: [{ url: publicUrl }] });
  });
});

describe('pages of other origins', () => {
  const origin = 'https://app.example.com';
  const ask = (app: ReturnType<typeof apiUnderTest>['app'], from: string) =>
    supertest(app).get('/v1/jobs').set('authorization', bearer(keys.alice)).set('origin', from);

  test('may not read anything unless an operator says so', async () => {
    const { headers } = await ask(apiUnderTest().app, origin).expect(200);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('may ask when they are named, and no other may', async () => {
    const { app } = apiUnderTest({ corsOrigins: [origin] });
    const named = await ask(app, origin).expect(200);
    expect(named.headers['access-control-allow-origin']).toBe(origin);
    expect(named.headers['access-control-allow-credentials']).toBeUndefined();
    const other = await ask(app, 'https://evil.example.com').expect(200);
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    expect(other.headers['vary']).toContain('Origin');
    const preflight = await supertest(app)
      .options('/v1/jobs')
      .set('origin', origin)
      .set('access-control-request-method', 'POST')
      .expect(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
  });
});
