import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runVerb } from '../../../support/verb';

export type Asked = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Undefined when none was sent. */
  readonly body: unknown;
};

export type Told = {
  readonly status?: number;
  readonly body: unknown;
  /** `application/json` unless told. */
  readonly type?: string;
  /** Whether the connection ends before the answer. */
  readonly breaksOff?: true;
};

/** An API that notes what it is asked and says what a test wants. */
export const startFakeApi = async (
  answer: (asked: Asked) => Told,
  verb: 'schedules' | 'operations' = 'schedules',
) => {
  const asked: Asked[] = [];
  const idempotencyKeys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const one: Asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      asked.push(one);
      idempotencyKeys.push(request.headers['idempotency-key']?.toString());
      const { status = 200, body, type = 'application/json', breaksOff } = answer(one);
      if (breaksOff) {
        request.socket.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': type, connection: 'close' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    asked,
    /** Of each that was asked. */
    idempotencyKeys,
    /** `punctual schedules …`, or another verb, at this API. */
    run: (...args: readonly string[]) =>
      runVerb([verb, ...args], { PUNCTUAL_URL: url, PUNCTUAL_KEY: 'the-key' }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

export type FakeApi = Awaited<ReturnType<typeof startFakeApi>>;

export const SCHEDULE = '0b7e4f5c-1111-4222-8333-944455556666';

export const scheduleAnswer = {
  scheduleId: SCHEDULE,
  name: 'payroll',
  status: 'active',
  timing: { cron: '0 9 L * *' },
  timeZone: 'Europe/Berlin',
  next: [
    {
      occurrenceAt: '2026-11-30T08:00:00.000Z',
      dueAt: '2026-11-30T08:00:00.000Z',
      localTime: '2026-11-30T09:00:00+01:00',
    },
  ],
};
