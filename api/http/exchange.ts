import { performance } from 'node:perf_hooks';
import type { Request, Response } from 'express';
import { problemDocument, statusOf, type Refusal } from './problem';
import { isAnswer, type Answer } from './route';

/** The part of a logger that the API uses; pino fits. */
export type Logger = Readonly<
  Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>
>;

/** One answered request, for metrics. `route` is the pattern, so that ids make no series of their own. */
export type Answered = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
};

/** One request on its way to its answer. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  readonly requestId: string;
  readonly route: string;
  readonly path: string;
  readonly startedAtMs: number;
};

export type TextAnswer = {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
};

export type Output = {
  readonly logger: Logger;
  readonly observe: (answered: Answered) => void;
  readonly isDraining: () => boolean;
};

/** A body up to this size is read to its end after an early answer, so that the connection can go on. */
const SWALLOWED_BYTES = 64 * 1024;
/** How long a caller may go on sending after an early answer before the connection is cut. */
const LINGER_MS = 1_000;

/** What an answer carries that comes bit by bit. */
export const STREAM_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** What every other answer carries. An API that is data only needs no more of helmet's headers than these. */
const COMMON_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

const levelOf = (status: number): keyof Logger => {
  if (status >= 500) return 'warn';
  return status >= 400 ? 'info' : 'debug';
};

/** The one line in the access log and the one observation that each request leaves. */
export const note = (
  { logger, observe }: Output,
  { request, requestId, route, path, startedAtMs }: Exchange,
  status: number,
  more: object = {},
): void => {
  const durationMs = performance.now() - startedAtMs;
  const { method } = request;
  logger[levelOf(status)]({ requestId, method, path, status, durationMs, ...more }, 'request');
  observe({ method, route, status, durationMs });
};

const isStillSending = (request: Request): boolean => {
  if (request.complete) return false;
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  return isChunked || Number(request.headers['content-length'] ?? 0) > SWALLOWED_BYTES;
};

/** Answers in full, then waits a moment before it hangs up: cutting immediately would lose the answer on its way. */
const endLingering = (request: Request, response: Response, text: string): void => {
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  response.write(text);
  request.once('end', end).once('close', end).resume();
};

const write = (
  output: Output,
  exchange: Exchange,
  status: number,
  mediaType: string,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void => {
  const { request, response, requestId } = exchange;
  if (response.headersSent || response.destroyed) return;
  const lingers = isStillSending(request);
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(text),
    'X-Request-Id': requestId,
    ...headers,
    ...((lingers || output.isDraining()) && { Connection: 'close' }),
  });
  if (lingers) endLingering(request, response, text);
  else response.end(text);
};

/** Sends an answer, or the problem document of a refusal, and logs it. */
export const send = (output: Output, exchange: Exchange, reply: Answer | Refusal): void => {
  const { requestId, path } = exchange;
  if (isAnswer(reply)) {
    const { status, body, headers } = reply;
    write(output, exchange, status, 'application/json', JSON.stringify(body), headers);
    note(output, exchange, status);
    return;
  }
  const status = statusOf(reply);
  const text = JSON.stringify(problemDocument(reply, { instance: path, requestId }));
  write(output, exchange, status, 'application/problem+json', text, reply.headers);
  note(output, exchange, status, { code: reply.code });
};

/** Sends an answer that is no JSON of ours, and logs it. */
export const sendText = (
  output: Output,
  exchange: Exchange,
  { status, mediaType, text }: TextAnswer,
): void => {
  write(output, exchange, status, mediaType, text);
  note(output, exchange, status);
};
