import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { StatusFeed } from '../../projections/queries/status-feed';
import { STREAM_HEADERS } from '../http/exchange';
import { frameOf, type LiveTail } from './tail';

export type LiveStreamDeps = {
  readonly feed: StatusFeed;
  readonly tail: LiveTail;
};

export type LiveStream = {
  /** Tells that the line is alive, and how far it has heard. */
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

/** An id without data moves a browser's Last-Event-ID without an event. */
const beginningText = ({ at, isLost }: Beginning): string =>
  isLost
    ? `retry: ${RETRY_MS}\nid: ${at}\nevent: reset\ndata: ${JSON.stringify({ position: String(at) })}\n\n`
    : `retry: ${RETRY_MS}\nid: ${at}\n\n`;

/**
 * Streams one principal's changes: first those since the beginning, from the feed, then those that the
 * tail tells. It joins the tail before it reads the feed, so that nothing falls between the two.
 */
export const openLiveStream = (
  { feed, tail }: LiveStreamDeps,
  response: ServerResponse,
  ownerId: string | undefined,
  { at, isLost, head }: Awaited<ReturnType<typeof beginningOf>>,
): LiveStream & { readonly caughtUp: Promise<void> } => {
  const write = writerTo(response);
  let lastSent = at;
  let queued: { readonly position: bigint; readonly frame: string }[] | undefined = [];

  const emit = (position: bigint, frame: string): void => {
    if (position <= lastSent) return;
    lastSent = position;
    write(frame);
  };

  const hear = (position: bigint, frame: string): void => {
    if (!queued) emit(position, frame);
    else if (queued.push({ position, frame }) > MAX_QUEUED) response.destroy();
  };

  const catchUp = async (): Promise<void> => {
    for (let from = at; !response.destroyed; from = lastSent) {
      const changes = await feed.after(from, ownerId, PAGE);
      for (const change of changes) emit(change.position, frameOf(change));
      await drained(response);
      if (changes.length < PAGE) break;
    }
    for (const { position, frame } of queued ?? []) emit(position, frame);
    queued = undefined;
  };

  response.writeHead(200, { 'Content-Type': 'text/event-stream', ...STREAM_HEADERS });
  write(beginningText({ at, isLost }));
  const leave = tail.join({ ownerId, hear }, head);
  response.once('close', leave);
  return {
    beat: () => {
      const heard = tail.position();
      if (!queued && heard > lastSent) lastSent = heard;
      write(`: beat\nid: ${lastSent}\n\n`);
    },
    end: () => response.end(),
    caughtUp: catchUp(),
  };
};
