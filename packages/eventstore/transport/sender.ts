import type { ServerHttp2Stream } from 'node:http2';
import { encodeFrames } from './frames';

/** What is queued past this is written at once, so that the peer's pace is felt. */
const flushBytes = 64 * 1024;

/** Collects what is sent in one tick into one DATA write. */
export const coalescingSender = (stream: ServerHttp2Stream, open: () => void) => {
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
