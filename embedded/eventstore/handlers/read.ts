import { allStream } from '../access/acl';
import type { RecordedEvent } from '../core/events';
import { followAll, followStream, StreamTombstonedError, type Batch } from '../core/follow';
import { readAll, readStream } from '../core/read';
import type { Call, Handler } from '../transport/call';
import { CallError, storageAway, streamDeleted } from '../wire/call-error';
import {
  encodeCaughtUp,
  encodeConfirmation,
  encodeReadEvent,
  encodeStreamNotFound,
} from '../wire/read-response';
import { decodeRead, type ReadRequest } from '../wire/requests';
import type { HandlerDeps } from './deps';
import { filteredMessages } from './filter';
import { onlyRequest } from './only-request';

type Of<K extends ReadRequest['kind']> = Extract<ReadRequest, { readonly kind: K }>;

const sendPages = async (
  call: Call,
  pages: AsyncIterable<readonly RecordedEvent[]>,
): Promise<void> => {
  for await (const page of pages) {
    call.send(page.map(encodeReadEvent));
    await call.drained();
    if (call.signal.aborted) return;
  }
};

const sendStream = async (
  { reader }: HandlerDeps,
  call: Call,
  request: Of<'read-stream'>,
): Promise<void> => {
  const result = await readStream(reader, request);
  switch (result.outcome) {
    case 'found':
      await sendPages(call, result.pages);
      return;
    case 'not-found':
      call.send([encodeStreamNotFound(request.stream)]);
      return;
    case 'stream-deleted':
      throw streamDeleted(request.stream);
  }
};

const sendAll = async (
  { reader, tail }: HandlerDeps,
  call: Call,
  { from, direction, count }: Of<'read-all'>,
): Promise<void> => {
  const isEmpty = direction === 'forwards' ? from === 'end' : from === 'start';
  if (isEmpty) return;
  const start = from === 'start' ? 0 : from === 'end' ? tail.lastSequence() : from;
  await sendPages(call, readAll(reader, start, direction, count));
};

/** Confirmation first, then events as the peer takes them, and caught-up once. */
const sendBatches = async (
  { newId }: HandlerDeps,
  call: Call,
  batches: AsyncIterable<Batch>,
  encode: (events: readonly RecordedEvent[]) => Buffer[],
): Promise<void> => {
  call.send([encodeConfirmation(newId())]);
  let wasCaughtUp = false;
  for await (const { events, caughtUp } of batches) {
    const messages = encode(events);
    if (caughtUp && !wasCaughtUp) {
      wasCaughtUp = true;
      messages.push(encodeCaughtUp());
    }
    call.send(messages);
    await call.drained();
    if (call.signal.aborted) return;
  }
};

const plainMessages = (events: readonly RecordedEvent[]): Buffer[] => events.map(encodeReadEvent);

const subscribeToAll = (
  deps: HandlerDeps,
  call: Call,
  { from, filter }: Of<'subscribe-all'>,
): Promise<void> => {
  const end = deps.tail.lastSequence();
  const after = from === 'start' ? 0 : from === 'end' ? end : from;
  const encode = filter ? filteredMessages(filter) : plainMessages;
  return sendBatches(deps, call, followAll(deps, after, call.signal), encode);
};

const subscribeToStream = (
  deps: HandlerDeps,
  call: Call,
  { stream, from }: Of<'subscribe-stream'>,
): Promise<void> => {
  const after = from === 'start' ? -1 : from;
  return sendBatches(deps, call, followStream(deps, stream, after, call.signal), plainMessages);
};

const answer = (deps: HandlerDeps, call: Call, request: ReadRequest): Promise<void> => {
  switch (request.kind) {
    case 'read-stream':
      return sendStream(deps, call, request);
    case 'read-all':
      return sendAll(deps, call, request);
    case 'subscribe-stream':
      return subscribeToStream(deps, call, request);
    case 'subscribe-all':
      return subscribeToAll(deps, call, request);
  }
};

/** Read: reads and subscriptions, of one stream or of the whole log. */
export const read =
  (deps: HandlerDeps): Handler =>
  async (call) => {
    const request = decodeRead(await onlyRequest(call));
    try {
      await deps.permitRead('stream' in request ? request.stream : allStream);
      await answer(deps, call, request);
    } catch (error) {
      if (error instanceof StreamTombstonedError) throw streamDeleted(error.stream);
      if (error instanceof CallError || call.signal.aborted) throw error;
      deps.log('warn', 'a read failed', { kind: request.kind, error: String(error) });
      throw storageAway();
    }
  };
