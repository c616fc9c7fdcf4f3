import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { publicLookup } from '../../../../processes/calling/safe-target';
import { webhookHandler } from '../../../../processes/executing/handlers/webhook';
import { hostileValues } from '../../../support/hostile-json';
import type { HandlerOutcome } from '../../../../processes/executing/ports';

const secret = `whsec_${Buffer.from('a secret of twenty-four.').toString('base64')}`;

type Seen = { readonly headers: IncomingMessage['headers']; readonly body: string };
const seen: Seen[] = [];
let respond: (response: ServerResponse) => void = (response) => response.end();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    respond(response);
  });
});
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  seen.length = 0;
});

const handler = webhookHandler({ secret, allowPrivateTargets: true, timeoutMs: 2_000 });
const call = (
  location = `${origin}/hook`,
  handle = handler,
  signal = new AbortController().signal,
): Promise<HandlerOutcome> =>
  handle(
    {
      jobId: 'j1',
      attempt: 2,
      ownerId: 'ada',
      name: 'größer',
      location,
      dueAt: '2026-11-23T12:00:00.000Z',
      timeoutMs: 60_000,
      payload: { n: 1 },
    },
    signal,
  );
const answering = (status: number, body = '', headers: Record<string, string> = {}): void => {
  respond = (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
};

test('the receiver can verify that the call is ours, and which attempt it is', async () => {
  answering(200, '{"ok":true}');
  expect(await call()).toEqual({
    status: 'succeeded',
    result: { status: 200, body: { ok: true } },
  });
  const [request] = seen;
  const headers = request?.headers as Record<string, string>;
  expect(new Webhook(secret).verify(request?.body ?? '', headers)).toEqual({
    jobId: 'j1',
    attempt: 2,
    ownerId: 'ada',
    name: 'größer',
    dueAt: '2026-11-23T12:00:00.000Z',
    payload: { n: 1 },
  });
  expect(headers['webhook-id']).toBe('j1/2');
});

test.each`
  status | retryable | why
  ${301} | ${true}   | ${'a redirect is not followed'}
  ${400} | ${false}  | ${'the same call again would be as bad'}
  ${404} | ${false}  | ${'there is nobody'}
  ${408} | ${true}   | ${'it took too long this time'}
  ${410} | ${false}  | ${'gone for good'}
  ${425} | ${true}   | ${'too early this time'}
  ${429} | ${true}   | ${'too many this time'}
  ${500} | ${true}   | ${'a server may recover'}
  ${503} | ${true}   | ${'a server may come back'}
`(
  '$status fails, retryable $retryable: $why',
  async (row: { status: number; retryable: boolean }) => {
    answering(row.status, '', { location: `${origin}/elsewhere` });
    expect(await call()).toMatchObject({
      status: 'failed',
      error: { code: `http-${row.status}` },
      retryable: row.retryable,
    });
    expect(seen).toHaveLength(1);
  },
);

test.each`
  body                             | why
  ${''}                            | ${'nothing'}
  ${'<p>done</p>'}                 | ${'no JSON'}
  ${'"' + 'x'.repeat(9_000) + '"'} | ${'too long to keep'}
  ${'x'.repeat(200_000)}           | ${'too long to read'}
`(
  'an answer whose body is not kept is still a success: $why',
  async ({ body }: { body: string }) => {
    answering(200, body);
    expect(await call()).toEqual({ status: 'succeeded', result: { status: 200 } });
  },
);

test.each(hostileValues)(
  'an answer that breaks the rules is left out, the result says why, and the job succeeds: $why',
  async ({ value, flaw }) => {
    answering(200, value.slice(0, 8_192));
    const isCut = value.length > 8_192;
    expect(await call()).toEqual({
      status: 'succeeded',
      result: {
        status: 200,
        ...(isCut || value.startsWith('[[[')
          ? { omitted: 'too-deep' }
          : flaw !== undefined && { omitted: flaw }),
      },
    });
  },
);

test('a receiver that does not answer in time fails the attempt, to be tried again', async () => {
  respond = () => undefined;
  const quick = webhookHandler({ secret, allowPrivateTargets: true, timeoutMs: 50 });
  expect(await call(undefined, quick)).toMatchObject({ error: { code: 'http-timeout' } });
});

test('a receiver that sends its body for ever fails the attempt too', async () => {
  respond = (response) => {
    response.writeHead(200);
    response.write('{');
  };
  const quick = webhookHandler({ secret, allowPrivateTargets: true, timeoutMs: 50 });
  expect(await call(undefined, quick)).toMatchObject({ error: { code: 'http-timeout' } });
});

test('nobody listening is a failure that may pass', async () => {
  const outcome = await call('http://127.0.0.1:1/');
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'http-unreachable' } });
  expect(outcome).not.toHaveProperty('retryable', false);
});

test('a job that is told to stop ends its call', async () => {
  respond = () => undefined;
  const controller = new AbortController();
  const outcome = call(undefined, handler, controller.signal);
  controller.abort();
  await expect(outcome).rejects.toThrow();
});

test('private addresses are refused unless that is allowed, without a connection', async () => {
  answering(200);
  const careful = webhookHandler({ secret });
  for (const location of [origin, 'http://localhost:1/', 'not a url'])
    expect(await call(location, careful)).toMatchObject({
      status: 'failed',
      error: { code: 'forbidden-target' },
      retryable: false,
    });
  expect(seen).toHaveLength(0);
});

test('a name that turns private between two lookups is caught, for the one that counts is checked', async () => {
  answering(200);
  const rebound = webhookHandler({
    secret,
    // as from a name server in an attacker's hand, which had named a public address before
    lookup: publicLookup((_host, done) => {
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    }),
  });
  expect(await call(origin.replace('127.0.0.1', 'rebinding.example'), rebound)).toMatchObject({
    error: { code: 'forbidden-target' },
  });
  expect(seen).toHaveLength(0);
});
