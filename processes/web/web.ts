import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ids } from '../../domain/ids';
import { problemDocument, statusOf, type Refusal } from '../../api/http/problem';
import type { ProblemCode } from '../../api/http/problem-catalogue';
import type { Process } from '../runtime/process';

export type WebDeps = {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Not ready any more, live connections ended, every further answer closes its connection. */
  readonly drain: () => void;
  readonly ids: Ids;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Told once it listens. */
  readonly onListening: (address: AddressInfo) => void;
  /** How long requests under way may take to end after a stop; then they are cut. */
  readonly drainMs: number;
};

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for requests that are over time. */
const TIMEOUT_CHECK_MS = 2_000;
/** Longer than the idle time of the usual load balancers, so that they hang up first. */
const KEEP_ALIVE_MS = 65_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** How often connections that have become idle while draining are closed. */
const IDLE_CHECK_MS = 100;

const problemOfParserError: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

type WrittenProblem = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

const written = (refusal: Refusal, requestId: string): WrittenProblem => {
  const body = JSON.stringify(problemDocument(refusal, { instance: '/', requestId }));
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
    Connection: 'close',
  };
  return { body, headers };
};

/** What Node's parser refused still gets a problem document, in bytes: there is no response object for it. */
const answerUnreadable =
  (ids: Ids) =>
  (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const refusal = { code: problemOfParserError[error.code ?? ''] ?? 'bad-request' };
    const status = statusOf(refusal);
    const { body, headers } = written(refusal, ids.next());
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };

/** Node would refuse a request without Host by itself, but with an empty answer. */
const withHost =
  ({ handle, ids }: Pick<WebDeps, 'handle' | 'ids'>): WebDeps['handle'] =>
  (request, response) => {
    if (request.headers.host !== undefined || request.httpVersion === '1.0') {
      handle(request, response);
      return;
    }
    const { body, headers } = written({ code: 'bad-request' }, ids.next());
    response.writeHead(400, headers).end(body);
  };

const listen = (server: Server, host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string')
        reject(new Error('the web server listens on no port'));
      else resolve(address);
    });
  });

/** Connections that have not asked for anything yet: Node does not count them as idle. */
const silentConnections = (server: Server): ReadonlySet<Socket> => {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  return silent;
};

const close = async (
  server: Server,
  silent: ReadonlySet<Socket>,
  drainMs: number,
): Promise<void> => {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // a connection that becomes idle after close() would stay until its keep-alive ends
  const idle = setInterval(() => {
    server.closeIdleConnections();
    for (const socket of silent) socket.destroy();
  }, IDLE_CHECK_MS);
  const limit = new AbortController();
  const cut = sleep(drainMs, undefined, { signal: limit.signal }).then(
    () => server.closeAllConnections(),
    () => undefined, // all have ended before the limit
  );
  await closed;
  clearInterval(idle);
  limit.abort();
  await cut;
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The HTTP server: serves until its signal aborts, then lets the requests under way end. */
export const web = (deps: WebDeps): Process => ({
  name: 'web',
  run: async (signal) => {
    if (signal.aborted) return;
    const options = {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
    };
    const server = createServer(options, withHost(deps));
    server.on('clientError', answerUnreadable(deps.ids));
    const silent = silentConnections(server);
    const address = await listen(server, deps.host, deps.port);
    deps.onListening(address);
    await aborted(signal);
    deps.drain();
    await close(server, silent, deps.drainMs);
  },
});
