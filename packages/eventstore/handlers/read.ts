import { allStream } from '../access/acl';
import { noRevision, tombstoneRevision, type RecordedEvent } from '../core/events';
import { followAll, type Batches } from '../core/follow';
import { followStream, StreamTombstonedError } from '../core/follow-stream';
import { readAll, readHead, readStream } from '../core/read';
import { timedTests, type TimedTest } from '../core/timed-regex';
import type { Call, Handler } from '../transport/call';
import {
  CallError,
  noSuchPosition,
  noSuchRevision,
  storageAway,
  streamDeleted,
  subscriberTooSlow,
} from '../wire/call-error';
import {
  encodeCaughtUp,
  encodeCheckpoint,
  encodeConfirmation,
  encodeFellBehind,
  encodeStreamNotFound,
} from '../wire/read-response';
import { decodeRead, type ReadRequest } from '../wire/requests';
import type { HandlerDeps } from './deps';
import { matcherOf, selector, type Select } from './filter';
import { onlyRequest } from './only-request';
import { outbox } from './outbox';
import { sendEvents } from './send-events';

type Of<K extends ReadRequest['kind']> = Extract<ReadRequest, { readonly kind: K }>;

type Pages = AsyncIterable<readonly RecordedEvent[]>;

const sendPages = async (
  deps: HandlerDeps,
  call: Call,
  pages: Pages,
  resolve: boolean,
): Promise<void> => {
  const out = outbox(call);
  for await (const page of pages) {
    await sendEvents(deps, out, page, resolve);
    if (!(await out.flush())) return;
  }
};

const sendStream = async (
  deps: HandlerDeps,
  call: Call,
  request: Of<'read-stream'>,
): Promise<void> => {
  const { direction, from, count } = request;
  if (count === 0 || (direction === 'forwards' && from === 'end')) throw noSuchRevision();
  const result = await readStream(deps, request);
  switch (result.outcome) {
    case 'found':
      await sendPages(deps, call, result.pages, request.resolveLinks);
      return;
    case 'not-found':
      call.send([encodeStreamNotFound(request.stream)]);
      return;
    case 'stream-deleted':
      throw streamDeleted(request.stream);
  }
};

/** The first `count` events that match, however many are looked at for them. */
async function* matching(
  pages: Pages,
  matcher: ReturnType<typeof matcherOf>,
  count: number,
): AsyncGenerator<readonly RecordedEvent[]> {
  let left = count;
  for await (const page of pages) {
    const matched = page.filter(matcher(page)).slice(0, left);
    left -= matched.length;
    if (matched.length > 0) yield matched;
    if (left === 0) return;
  }
}

const sendAll = async (
  deps: HandlerDeps,
  call: Call,
  timedTest: TimedTest,
  { from, isExact = true, direction, count, filter, resolveLinks }: Of<'read-all'>,
): Promise<void> => {
  // the real server never answers a read of no events
  if (count === 0) throw noSuchPosition();
  const isEmpty = direction === 'forwards' ? from === 'end' : from === 'start';
  if (isEmpty) return;
  const last = deps.tail.lastSequence();
  if (typeof from === 'number') {
    const isPast = direction === 'forwards' ? from > last : from >= last;
    if (direction === 'forwards' ? !isPast && !isExact : isPast || !isExact) throw noSuchPosition();
  }
  const start = from === 'start' ? 0 : from === 'end' ? last : from;
  const pages = filter
    ? matching(
        readAll(deps.reader, start, direction, Number.MAX_SAFE_INTEGER),
        matcherOf(filter, timedTest),
        count,
      )
    : readAll(deps.reader, start, direction, count);
  await sendPages(deps, call, pages, resolveLinks);
};

type Subscription = {
  readonly batches: Batches;
  readonly select: Select;
  readonly resolveLinks: boolean;
};

/** What the real server holds of what a live subscriber has not taken: a page on its way out, one behind it. */
const liveEvents = 32 + 32;

/**
 * Confirmation first, then events as the peer takes them, and caught-up once each time that it has caught up; on a
 * server that is like the real one only once: who falls behind while live is dropped.
 */
const sendBatches = async (
  deps: HandlerDeps,
  call: Call,
  { batches, select, resolveLinks }: Subscription,
): Promise<void> => {
  const out = outbox(call);
  out.add(encodeConfirmation(deps.newId()));
  if (!(await out.flush())) return;
  let isLive = false;
  let room = Infinity;
  for await (const { events, caughtUp, fromStorage } of batches) {
    if (isLive && fromStorage && !deps.isLikeReal) {
      isLive = false;
      out.add(encodeFellBehind());
    }
    for (const selection of select(events, isLive)) {
      await sendEvents(deps, out, selection.events.slice(0, room), resolveLinks);
      room -= selection.events.length;
      if (room < 0) {
        await out.flush();
        throw subscriberTooSlow();
      }
      if (selection.checkpoint !== undefined) out.add(encodeCheckpoint(selection.checkpoint));
    }
    if (caughtUp && !isLive) {
      isLive = true;
      out.add(encodeCaughtUp());
    }
    if (!(await out.flush())) return;
    if (caughtUp && deps.isLikeReal) room = liveEvents;
  }
};

const selectAll: Select = (events) =>
  events.length > 0 ? [{ events, checkpoint: undefined }] : [];

const subscribeToAll = (
  deps: HandlerDeps,
  call: Call,
  timedTest: TimedTest,
  { from, isExact = true, filter, resolveLinks }: Of<'subscribe-all'>,
): Promise<void> => {
  const end = deps.tail.lastSequence();
  if (typeof from === 'number' && !isExact && from < end) throw noSuchPosition();
  const after = from === 'start' ? 0 : from === 'end' ? end : from;
  const select = filter ? selector(filter, timedTest, deps.isLikeReal) : selectAll;
  const batches = followAll(deps, after, call.signal);
  return sendBatches(deps, call, { batches, select, resolveLinks });
};

const subscribeToStream = async (
  deps: HandlerDeps,
  call: Call,
  { stream, from, resolveLinks }: Of<'subscribe-stream'>,
): Promise<void> => {
  // said instead of a confirmation, not after it
  if (from !== 'end' && (await readHead(deps.reader, stream))?.revision === tombstoneRevision)
    throw streamDeleted(stream);
  const after = from === 'start' ? noRevision : from;
  const batches = followStream(deps, stream, after, call.signal);
  await sendBatches(deps, call, { batches, select: selectAll, resolveLinks });
};

const answer = (
  deps: HandlerDeps,
  timedTest: TimedTest,
  call: Call,
  request: ReadRequest,
): Promise<void> => {
  switch (request.kind) {
    case 'read-stream':
      return sendStream(deps, call, request);
    case 'read-all':
      return sendAll(deps, call, timedTest, request);
    case 'subscribe-stream':
      return subscribeToStream(deps, call, request);
    case 'subscribe-all':
      return subscribeToAll(deps, call, timedTest, request);
  }
};

/** Read: reads and subscriptions, of one stream or of the whole log. */
export const read = (deps: HandlerDeps): Handler => {
  const timedTest = timedTests();
  return async (call) => {
    const request = decodeRead(await onlyRequest(call));
    try {
      await deps.permitRead('stream' in request ? request.stream : allStream);
      await answer(deps, timedTest, call, request);
    } catch (error) {
      if (error instanceof StreamTombstonedError) throw streamDeleted(error.stream);
      if (error instanceof CallError || call.signal.aborted) throw error;
      deps.logReadFailure(error, { kind: request.kind });
      throw storageAway();
    }
  };
};
