import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { httpUser, type HttpUser } from '../../support/http';
import { startProgramBeside, type ReadyProgram } from '../../support/program';
import { apiKeyOf, apiKeys } from '../../support/running-stack';
import { until } from '../../support/until';
import { stack, userOf } from './stack';

// jobs that are calls: what arrives at the target, and which targets are never called

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** That of the stack, whose executor refuses private targets, whatever the API let through. */
const careful = { queue: 'default' };
/** That of an executor which may call them. */
const bold = { queue: 'bold' };

/** More levels than a writer of JSON survives in an executor. */
const DEEP = '['.repeat(4_040) + ']'.repeat(4_040);

type Call = {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

describe('a job that is a call', () => {
  let beside: ReadyProgram;
  let ada: HttpUser;
  let server: Server;
  let origin = '';
  const calls: Call[] = [];

  const listenOn = async (): Promise<string> => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  };

  /** `/fails/N/STATUS`: that answer to the first N calls, then 200. */
  const statusFor = (url: string): number => {
    const [, path, times, status] = url.split('/');
    const earlier = calls.filter((call) => call.url === url).length - 1;
    return path === 'fails' && earlier < Number(times) ? Number(status) : 200;
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url = '', headers } = request;
        calls.push({ url, headers, body: Buffer.concat(chunks).toString() });
        const status = statusFor(url);
        const location = status === 302 ? { Location: `http://${origin}/elsewhere` } : {};
        response.writeHead(status, { 'Content-Type': 'application/json', ...location });
        response.end(url.startsWith('/deep') ? DEEP : '{"done":true}');
      });
    });
    origin = await listenOn();
    beside = await startProgramBeside(stack(), {
      ...{ PROCESSES: 'web,executor', EXECUTOR_QUEUE: bold.queue, API_KEYS: apiKeys },
      ...{ ALLOW_PRIVATE_TARGETS: 'true', WEBHOOK_SECRET: SECRET },
    });
    ada = httpUser(beside.httpUrl, apiKeyOf('ada'));
  });

  afterAll(async () => {
    await beside.stop();
    server.closeAllConnections();
    server.close();
  });

  const retry = { maxAttempts: 3, initialDelayMs: 50, maxDelayMs: 50 };
  const call = (path: string, more: object = {}): Promise<string> =>
    ada.schedule(Date.now(), { location: `http://${origin}${path}`, retry, ...bold, ...more });
  const callsTo = (path: string): readonly Call[] => calls.filter(({ url }) => url === path);

  test('the target gets the job, signed so that any Standard Webhooks library can tell who sent it', async () => {
    const jobId = await call('/signed', { name: 'naïve', payload: { invoice: 7 } });
    const job = await ada.untilStatus(jobId, 'succeeded');
    expect(job.result).toEqual({ status: 200, body: { done: true } });

    const [received] = callsTo('/signed');
    const headers = {
      'webhook-id': String(received?.headers['webhook-id']),
      'webhook-timestamp': String(received?.headers['webhook-timestamp']),
      'webhook-signature': String(received?.headers['webhook-signature']),
    };
    const body = received?.body ?? '';
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      jobId,
      attempt: 1,
      ownerId: 'ada',
      name: 'naïve',
      payload: { invoice: 7 },
    });
    const other = new Webhook(`whsec_${Buffer.from('x'.repeat(24)).toString('base64')}`);
    expect(() => other.verify(body, headers)).toThrow();
    expect(() => new Webhook(SECRET).verify(body.replace('7', '8'), headers)).toThrow();
  });

  test('an answer of 4,040 levels is left out: the job succeeds at once, and its story says why', async () => {
    const jobId = await call('/deep');
    const job = await ada.untilStatus(jobId, 'succeeded');
    expect(job).toMatchObject({ attempt: 1, result: { status: 200, omitted: 'too-deep' } });
    const { body } = await ada.get(`/v1/jobs/${jobId}/story`);
    expect(JSON.stringify(body)).toContain('it is nested too deeply');
  });

  test('a target that fails is called again, each attempt under an id of its own', async () => {
    const path = '/fails/2/503';
    const jobId = await call(path);
    await ada.untilStatus(jobId, 'succeeded');
    expect(callsTo(path).map(({ headers }) => headers['webhook-id'])).toEqual([
      `${jobId}/1`,
      `${jobId}/2`,
      `${jobId}/3`,
    ]);
  });

  test('a dead letter that is redriven after the target was mended succeeds', async () => {
    const path = '/fails/3/500';
    const jobId = await call(path);
    expect(await ada.untilStatus(jobId, 'failed')).toMatchObject({
      attempt: 3,
      error: { code: 'http-500' },
    });
    expect((await ada.post(`/v1/jobs/${jobId}/redrive`)).status).toBe(200);
    const job = await ada.untilStatus(jobId, 'succeeded');
    expect(job.attempt).toBe(1);
    expect(job).not.toHaveProperty('error');
    expect(callsTo(path)).toHaveLength(4);
  });

  test.each([
    ['410: the target wants no more', '/fails/9/410', 'http-410'],
    ['a redirect, which is not followed', '/fails/9/302', 'http-302'],
  ])('%s', async (_why, path, code) => {
    const jobId = await call(path, { retry: { maxAttempts: 1 } });
    expect(await ada.untilStatus(jobId, 'failed')).toMatchObject({ error: { code } });
    expect([callsTo(path), callsTo('/elsewhere')]).toEqual([[expect.anything()], []]);
  });

  test.each([
    ['an address of this machine', () => `http://${origin}/forbidden`],
    [
      'a name that leads to this machine',
      () => `http://localhost:${origin.split(':')[1]}/forbidden`,
    ],
    ['its IPv6 address', () => `http://[::ffff:127.0.0.1]:${origin.split(':')[1]}/forbidden`],
  ])('an executor that may not call private targets does not call %s', async (_what, location) => {
    const jobId = await ada.schedule(Date.now(), { location: location(), ...careful });
    const job = await ada.untilStatus(jobId, 'failed');
    expect(job).toMatchObject({ attempt: 1, error: { code: 'forbidden-target' } });
    expect(callsTo('/forbidden')).toEqual([]);
  });

  test('a webhook is told by test through a program that may call it; the notifier of the stack refuses its private target, and says so', async () => {
    type Told = { webhookId?: string; secret?: string; status?: string; answerStatus?: number };
    const asked = { url: `http://${origin}/told`, eventTypes: ['job.scheduled'] };
    const refused = await userOf('ada').post('/v1/webhooks', asked);
    expect([refused.status, refused.body.type]).toEqual([422, '/problems/forbidden-target']);
    const registered = await ada.post('/v1/webhooks', asked);
    expect(registered.status).toBe(201);
    const { webhookId = '', secret = '' } = registered.body as Told;

    const tested = await ada.post(`/v1/webhooks/${webhookId}/test`);
    expect(tested.body as Told).toMatchObject({ status: 'delivered', answerStatus: 200 });
    const [received] = callsTo('/told');
    const headers = Object.fromEntries(
      ['id', 'timestamp', 'signature'].map((name) => [
        `webhook-${name}`,
        String(received?.headers[`webhook-${name}`]),
      ]),
    );
    expect(new Webhook(secret).verify(received?.body ?? '', headers)).toMatchObject({
      ...{ type: 'webhook.test', data: { webhookId } },
    });

    type Delivery = { readonly eventType: string; readonly jobId: string; readonly error: string };
    await until(async () => (await ada.get('/v1/webhooks')).body.items?.length === 1);
    const jobId = await ada.schedule(Date.now() + 3_600_000);
    const delivery = await until(async () => {
      const { body } = await ada.get(`/v1/webhooks/${webhookId}/deliveries?jobId=${jobId}`);
      const [found] = (body.items ?? []) as unknown as readonly Delivery[];
      return found?.error ? found : undefined;
    });
    expect(delivery).toMatchObject({ eventType: 'job.scheduled', jobId });
    expect(delivery.error).toContain('is not a public address');
    expect(callsTo('/told')).toHaveLength(1);
    expect((await ada.remove(`/v1/webhooks/${webhookId}`)).status).toBe(200);
    expect((await ada.get(`/v1/webhooks/${webhookId}`)).status).toBe(404);
    expect((await userOf('bob').get(`/v1/webhooks/${webhookId}/deliveries`)).status).toBe(404);
  });
});
