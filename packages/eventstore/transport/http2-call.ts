import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { asciiTrailer, CallError, grpcStatus } from '../wire/call-error';
import type { Call, Handler } from './call';
import { frameReader } from './frames';
import { grpcTimeoutMs } from './grpc-timeout';
import { coalescingSender } from './sender';

const contentType = 'application/grpc+proto';

/** A peer that neither ends nor resets its side of a call that is over is cut off after this. */
const lingerMs = 5_000;

/** A call under way; `end` closes it from our side and is a no-op once it is over. */
export type OpenCall = { readonly end: (error: CallError) => void };

export type CallHooks = {
  readonly onUnexpected: (error: unknown) => void;
  /** The handler has returned and the stream is closed: nothing of the call is left. */
  readonly onOver: () => void;
};

const trailersOf = (error: CallError | undefined): Record<string, string> =>
  error
    ? {
        'grpc-status': String(error.status),
        'grpc-message': asciiTrailer(error.message),
        ...error.trailers,
      }
    : { 'grpc-status': '0' };

async function* requestsOf(stream: ServerHttp2Stream): AsyncGenerator<readonly Buffer[]> {
  const frames = frameReader();
  // who stops reading still answers: an iterator that destroys the stream would cut the status off
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    // an http2 stream without an encoding gives buffers
    const messages = frames.read(chunk as Buffer);
    if (messages.length > 0) yield messages;
  }
  frames.end();
}

const drainedOf = (stream: ServerHttp2Stream, signal: AbortSignal) => async (): Promise<void> => {
  if (!stream.writableNeedDrain || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    stream.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
};

const headerOf =
  (headers: IncomingHttpHeaders) =>
  (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };

/** Ends the response with its status, whether it has begun or not. */
const finish = (stream: ServerHttp2Stream, error: CallError | undefined): void => {
  const headers = { ':status': 200, 'content-type': contentType };
  if (!stream.headersSent && error) {
    stream.respond({ ...headers, ...trailersOf(error) }, { endStream: true });
  } else {
    if (!stream.headersSent) stream.respond(headers, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers(trailersOf(error)));
    stream.end();
  }
  // the rest of the request is of no use: free its flow-control window
  stream.resume();
  if (stream.readableEnded) return;
  const cutOff = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs);
  stream.once('close', () => clearTimeout(cutOff));
};

const expireAfter = (timeoutMs: number, signal: AbortSignal, expire: () => void): void => {
  const timer = setTimeout(expire, timeoutMs);
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
};

/** Runs a handler on an HTTP/2 stream and ends the stream with its outcome. */
export const startCall = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  handler: Handler,
  { onUnexpected, onOver }: CallHooks,
): OpenCall => {
  const controller = new AbortController();
  const { signal } = controller;
  let isEnding = false;

  const { flush, send } = coalescingSender(stream, () => {
    if (stream.headersSent) return;
    stream.respond({ ':status': 200, 'content-type': contentType }, { waitForTrailers: true });
  });

  const end = (error: CallError | undefined): void => {
    if (isEnding) return;
    isEnding = true;
    if (!stream.destroyed) {
      flush();
      finish(stream, error);
    }
    controller.abort();
  };

  stream.on('error', () => undefined); // a reset by the peer; 'close' follows
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => {
      isEnding = true;
      controller.abort();
      resolve();
    });
  });

  const timeoutMs = grpcTimeoutMs(headerOf(headers)('grpc-timeout'));
  if (timeoutMs !== undefined)
    expireAfter(timeoutMs, signal, () =>
      end(new CallError(grpcStatus.deadlineExceeded, 'the deadline of the call has passed')),
    );

  const call: Call = {
    header: headerOf(headers),
    requests: requestsOf(stream),
    send,
    drained: drainedOf(stream, signal),
    signal,
  };
  const handled = handler(call).then(
    () => end(undefined),
    (error: unknown) => {
      if (error instanceof CallError) end(error);
      else if (!signal.aborted) {
        onUnexpected(error);
        end(new CallError(grpcStatus.unknown, 'the server failed'));
      }
    },
  );
  void Promise.all([handled, closed]).then(onOver);
  return { end };
};

/** Answers a request that no handler gets. */
export const refuseCall = (stream: ServerHttp2Stream, error: CallError, httpStatus = 200): void => {
  stream.on('error', () => undefined);
  const headers = { ':status': httpStatus, 'content-type': contentType, ...trailersOf(error) };
  stream.respond(headers, { endStream: true });
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
};
