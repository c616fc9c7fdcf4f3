import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { StatusFeed } from '../../projections/queries/status-feed';
import { STREAM_HEADERS } from '../http/exchange';
import type { QueryFreshness } from '../http/staleness';
import { batchOf, toldOf, type Batch } from './batch';
import { everyChange, latestChanges } from './outbox';
import type { LiveTail } from './tail';

export type LiveStreamDeps = {
  readonly feed: StatusFeed;
  readonly tail: LiveTail;
  readonly lag: QueryFreshness['lag'];
};

/** `latest`: of each job the newest one, which replaces what a slow reader has not taken yet. */
export type WhichChanges = 'all' | 'latest';

export type LiveStream = {
  /** Tells that the line is alive, how far it has heard, and how far the read model is behind. */
  readonly beat: () => void;
  readonly end: () => void;
};

/** Milliseconds that a browser waits before it connects again. */
const RETRY_MS = 2_000;
/** What may wait for one slow reader; past this it is cut off and resumes by Last-Event-ID. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const MAX_QUEUED = 10_000;
const PAGE = 500;

type Beginning = { readonly at: bigint; readonly isLost: boolean };

/** Where a connection begins, and whether what it missed is no longer kept. */
export const beginningOf = async (
  feed: StatusFeed,
  lastEventId: bigint | undefined,
): Promise<Beginning & { readonly head: bigint }> => {
  const head = await feed.head();
  if (lastEventId === undefined) return { at: head, isLost: false, head };
  const oldest = await feed.oldest();
  const isLost = lastEventId > head || (oldest !== undefined && lastEventId < oldest);
  return { at: isLost ? head : lastEventId, isLost, head };
};

const drained = async (response: ServerResponse): Promise<void> => {
  if (!response.writableNeedDrain || response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
};

/** Writes to a connection that may be slow; changes that are told together leave in one packet. */
const writerTo =
  (response: ServerResponse) =>
  (text: string): void => {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > MAX_BUFFERED_BYTES) {
      response.destroy();
      return;
    }
    response.cork();
    response.write(text);
    process.nextTick(() => response.uncork());
  };

const resetText = (at: bigint): string =>
  `id: ${at}\nevent: reset\ndata: ${JSON.stringify({ position: String(at) })}\n\n`;

/** A comment, which every reader of server-sent events passes over. */
const lagText = (lag: ReturnType<QueryFreshness['lag']>): string =>
  lag ? `: lag ${Math.round(lag.ms)}\n` : '';

/** An id without data moves a browser's Last-Event-ID without an event. */
const beginningText = ({ at, isLost }: Beginning): string =>
  `retry: ${RETRY_MS}\n${isLost ? resetText(at) : `id: ${at}\n\n`}`;

type Asked = {
  /** Whose changes; undefined: everybody's. */
  readonly ownerId: string | undefined;
  readonly which: WhichChanges;
};

/**
 * Streams one principal's changes: first those since the beginning, from the feed, then those that the
 * tail tells. It joins the tail before it reads the feed, so that nothing falls between the two.
 */
export const openLiveStream = (
  { feed, tail, lag }: LiveStreamDeps,
  response: ServerResponse,
  { ownerId, which }: Asked,
  { at, isLost, head }: Awaited<ReturnType<typeof beginningOf>>,
): LiveStream & { readonly caughtUp: Promise<void> } => {
  const line = { write: writerTo(response), isFull: () => response.writableNeedDrain };
  const outbox = which === 'all' ? everyChange(line, at) : latestChanges(line, at, resetText);
  let queued: Batch[] | undefined = [];
  let queuedChanges = 0;

  const hear = (batch: Batch): void => {
    if (!queued) {
      outbox.tell(batch);
      return;
    }
    queued.push(batch);
    queuedChanges += batch.changes.length;
    if (queuedChanges > MAX_QUEUED) response.destroy();
  };

  const catchUp = async (): Promise<void> => {
    for (let from = at; !response.destroyed;) {
      const changes = await feed.after(from, ownerId, PAGE);
      from = changes.at(-1)?.position ?? from;
      if (changes.length > 0) outbox.tell(batchOf(changes.map(toldOf)));
      if (which === 'all') await drained(response);
      if (outbox.isLost()) outbox.skipTo(tail.position());
      if (changes.length < PAGE || outbox.isLost()) break;
    }
    for (const batch of queued ?? []) outbox.tell(batch);
    queued = undefined;
  };

  response.writeHead(200, { 'Content-Type': 'text/event-stream', ...STREAM_HEADERS });
  line.write(lagText(lag()) + beginningText({ at, isLost }));
  response.on('drain', outbox.flush);
  const leave = tail.join({ ownerId, hear }, head);
  response.once('close', leave);
  return {
    beat: () => {
      if (!queued) outbox.skipTo(tail.position());
      line.write(`: beat\n${lagText(lag())}id: ${outbox.written()}\n\n`);
    },
    end: () => response.end(),
    caughtUp: catchUp(),
  };
};
