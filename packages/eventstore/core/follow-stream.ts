import type { StorageReader, StoredHead } from '../store/storage';
import { noRevision, tombstoneRevision, type RecordedEvent } from './events';
import type { Batches, FollowDeps } from './follow';
import { isLastPage, nextPageSize, oldestVisible, readHead } from './read';
import { isSoftDeleted } from './stream-metadata';
import { streamQueue } from './stream-queue';

const firstPage = 32;

type Pages = AsyncGenerator<readonly RecordedEvent[], void, undefined>;

/** What a stream shows after a revision, up to a sequence, from storage. */
async function* storedStream(deps: FollowDeps, stream: string, after: number, upTo: number): Pages {
  const { reader } = deps;
  const head = await readHead(reader, stream);
  if (!head || head.revision === noRevision) return;
  // of a stream that is ended only the end is left to tell
  const oldest =
    head.revision === tombstoneRevision ? head.revision : await oldestVisible(deps, stream, head);
  let done = Math.max(after, oldest - 1);
  let size = firstPage;
  for (;;) {
    const page = await reader.readStream(stream, done + 1, 'forwards', upTo, size);
    const last = page.at(-1);
    if (!last) return;
    done = last.revision;
    yield page;
    if (isLastPage(page, size)) return;
    size = nextPageSize(size);
  }
}

/** Last revision that a stream had when the log ended at a sequence. */
const revisionAt = async (
  reader: StorageReader,
  stream: string,
  sequence: number,
): Promise<number> => {
  const newest = await reader.readStream(stream, tombstoneRevision, 'backwards', sequence, 1);
  return newest[0]?.revision ?? noRevision;
};

const isUnseen = (head: StoredHead | undefined): boolean =>
  !head || head.revision === noRevision || isSoftDeleted(head.metadata);

/**
 * One stream after a revision (-1 for all of it, `end` for what is yet to come), then live. History and what
 * a slow subscription has missed come from storage, by the stream's own revisions, up to the very sequence from
 * which on new events are queued: no event is missed and none comes twice.
 *
 * Of a stream that is not there, or no longer, nobody has caught up before it has events, unless who asks for what
 * is yet to come. Rejects with StreamTombstonedError when the stream gets ended for ever, and when it is, unless
 * asked for what is yet to come: that is nothing.
 */
export async function* followStream(
  deps: FollowDeps,
  stream: string,
  after: number | 'end',
  signal: AbortSignal,
): Batches {
  const { reader, tail } = deps;
  const queue = streamQueue(tail, stream);
  signal.addEventListener('abort', queue.wake, { once: true });
  try {
    const start = queue.arm();
    const head = await readHead(reader, stream);
    if (head?.revision === tombstoneRevision) {
      if (after !== 'end') throw new StreamTombstonedError(stream);
      yield { events: [], caughtUp: true, fromStorage: false };
      while (!signal.aborted) await queue.wait();
      return;
    }
    let isBlank = after !== 'end' && isUnseen(head);
    let done = after === 'end' ? await revisionAt(reader, stream, start) : after;
    let upTo = after === 'end' ? undefined : start;
    while (!signal.aborted) {
      if (upTo !== undefined) {
        for await (const events of storedStream(deps, stream, done, upTo)) {
          done = events.at(-1)?.revision ?? done;
          isBlank = false;
          yield { events, caughtUp: false, fromStorage: true };
          if (done === tombstoneRevision) throw new StreamTombstonedError(stream);
        }
        upTo = undefined;
      }
      const taken = queue.take();
      if (!taken) {
        upTo = queue.arm();
        continue;
      }
      const seen = done;
      const events = taken.filter(({ revision }) => revision > seen);
      done = events.at(-1)?.revision ?? done;
      isBlank &&= events.length === 0;
      yield { events, caughtUp: !isBlank, fromStorage: false };
      if (done === tombstoneRevision) throw new StreamTombstonedError(stream);
      await queue.wait();
    }
  } finally {
    queue.close();
    signal.removeEventListener('abort', queue.wake);
  }
}

export class StreamTombstonedError extends Error {
  readonly stream: string;
  constructor(stream: string) {
    super(`stream "${stream}" is deleted`);
    this.name = 'StreamTombstonedError';
    this.stream = stream;
  }
}
