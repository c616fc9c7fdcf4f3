import { constants, type ServerHttp2Stream } from 'node:http2';
import { asciiTrailer, CallError, grpcStatus } from '../wire/call-error';
import type { Call, Handler } from './call';
import { encodeFrames, frameReader } from './frames';

const contentType = 'application/grpc+proto';

/** A call under way; `end` closes it from our side and is a no-op once it is over. */
export type OpenCall = { readonly end: (error: CallError) => void };

const trailersOf = (error: CallError | undefined): Record<string, string> =>
  error
    ? {
        'grpc-status': String(error.status),
        'grpc-message': asciiTrailer(error.message),
        ...error.trailers,
      }
    : { 'grpc-status': '0' };

async function* requestsOf(stream: ServerHttp2Stream): AsyncGenerator<readonly Buffer[]> {
  const read = frameReader();
  for await (const chunk of stream) {
    // an http2 stream without an encoding gives buffers
    const messages = read(chunk as Buffer);
    if (messages.length > 0) yield messages;
  }
}

/** What is queued past this is written at once, so that the peer's pace is felt. */
const flushBytes = 64 * 1024;

/** Collects what is sent in one tick into one DATA write. */
const coalescingSender = (stream: ServerHttp2Stream, open: () => void) => {
  let queued: Buffer[] = [];
  let queuedBytes = 0;
  const flush = (): void => {
    if (queued.length === 0) return;
    const messages = queued;
    queued = [];
    queuedBytes = 0;
    if (stream.destroyed || stream.writableEnded) return;
    open();
    stream.write(encodeFrames(messages));
  };
  const send = (messages: readonly Buffer[]): void => {
    if (messages.length > 0 && queued.length === 0) setImmediate(flush);
    for (const message of messages) {
      queued.push(message);
      queuedBytes += message.length;
    }
    if (queuedBytes >= flushBytes) flush();
  };
  return { flush, send };
};

/** Runs a handler on an HTTP/2 stream and ends the stream with its outcome; calls back when it is over. */
export const startCall = (
  stream: ServerHttp2Stream,
  handler: Handler,
  onUnexpected: (error: unknown) => void,
  onOver: () => void,
): OpenCall => {
  const controller = new AbortController();
  let isEnding = false;

  const openResponse = (): void => {
    if (stream.headersSent) return;
    const headers = { ':status': 200, 'content-type': contentType };
    stream.respond(headers, { waitForTrailers: true });
  };
  const { flush, send } = coalescingSender(stream, openResponse);

  const end = (error: CallError | undefined): void => {
    if (isEnding) return;
    isEnding = true;
    if (stream.destroyed) return;
    flush();
    if (!stream.headersSent && error) {
      const headers = { ':status': 200, 'content-type': contentType, ...trailersOf(error) };
      stream.respond(headers, { endStream: true });
    } else {
      openResponse();
      stream.once('wantTrailers', () => stream.sendTrailers(trailersOf(error)));
      stream.end();
    }
    // the rest of the request is of no use: free its flow-control window
    stream.resume();
    controller.abort();
  };

  const drained = async (): Promise<void> => {
    if (!stream.writableNeedDrain || controller.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('drain', done);
        controller.signal.removeEventListener('abort', done);
        resolve();
      };
      stream.once('drain', done);
      controller.signal.addEventListener('abort', done, { once: true });
    });
  };

  stream.on('error', () => undefined); // a reset by the peer; 'close' follows
  stream.once('close', () => {
    isEnding = true;
    controller.abort();
    onOver();
  });

  const call: Call = { requests: requestsOf(stream), send, drained, signal: controller.signal };
  handler(call).then(
    () => end(undefined),
    (error: unknown) => {
      if (error instanceof CallError) end(error);
      else if (!controller.signal.aborted) {
        onUnexpected(error);
        end(new CallError(grpcStatus.unknown, 'the server failed'));
      }
    },
  );
  return { end };
};

/** Answers a call that has no handler. */
export const refuseCall = (stream: ServerHttp2Stream, error: CallError): void => {
  stream.on('error', () => undefined);
  stream.respond(
    { ':status': 200, 'content-type': contentType, ...trailersOf(error) },
    { endStream: true },
  );
  stream.close(constants.NGHTTP2_NO_ERROR);
};
