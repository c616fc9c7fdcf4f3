import type { StorageReader } from '../store/storage';
import { noRevision, tombstoneRevision, type RecordedEvent } from './events';
import { gate } from './gate';
import { nextPageSize } from './read';
import { firstVisibleRevision, noMetadata } from './stream-metadata';
import type { MemoryTail } from './tail';

const tailPage = 500;
const firstPage = 32;

export type Batch = {
  readonly events: readonly RecordedEvent[];
  /** True when the log had nothing more at the time. */
  readonly caughtUp: boolean;
};

export type FollowDeps = { readonly reader: StorageReader; readonly tail: MemoryTail };

type Batches = AsyncGenerator<Batch, void, undefined>;

/**
 * The log after `after` (a sequence), then live, each event once, in order, until the signal aborts. Old
 * events come from storage, new ones from memory; who is slow falls back to storage and costs no memory.
 */
export async function* followAll(
  { reader, tail }: FollowDeps,
  after: number,
  signal: AbortSignal,
): Batches {
  const changed = gate();
  const unlisten = tail.listen(changed.open);
  signal.addEventListener('abort', changed.open, { once: true });
  try {
    let done = after;
    let size = firstPage;
    while (!signal.aborted) {
      const end = tail.lastSequence();
      const isBehind = done < end;
      if (isBehind) {
        const recent = tail.read(done + 1, tailPage);
        // memory and storage continue each other: both are cut at the published end
        const page =
          recent ?? (await reader.readAll(done + 1, 'forwards', Math.min(size, end - done)));
        if (!recent) size = nextPageSize(size, page);
        const last = page.at(-1);
        if (!last) throw new Error(`the log has no event after ${done}, its end is ${end}`);
        done = last.sequence;
        yield { events: page, caughtUp: done === tail.lastSequence() };
      } else {
        yield { events: [], caughtUp: true };
        await changed.wait();
      }
    }
  } finally {
    unlisten();
    signal.removeEventListener('abort', changed.open);
  }
}

/** The stored part of a stream after a revision, up to a sequence. */
async function* storedStream(
  reader: StorageReader,
  stream: string,
  after: number,
  upTo: number,
): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
  let done = after;
  let size = firstPage;
  for (;;) {
    const page = await reader.readStream(stream, done + 1, 'forwards', upTo, size);
    const last = page.at(-1);
    if (!last) return;
    done = last.revision;
    yield page;
    if (page.length < size) return;
    size = nextPageSize(size, page);
  }
}

/**
 * One stream after a revision (-1 for all of it, `end` for what is yet to come), then live. Rejects with
 * StreamTombstonedError when the stream is, or gets, ended for ever.
 */
export async function* followStream(
  { reader, tail }: FollowDeps,
  stream: string,
  after: number | 'end',
  signal: AbortSignal,
): Batches {
  const start = tail.lastSequence();
  let revision = after === 'end' ? noRevision : after;
  if (after !== 'end') {
    const head = (await reader.heads([stream])).get(stream);
    if (head?.revision === tombstoneRevision) throw new StreamTombstonedError(stream);
    const first = firstVisibleRevision(head?.metadata ?? noMetadata, head?.revision ?? noRevision);
    for await (const page of storedStream(reader, stream, Math.max(revision, first - 1), start)) {
      revision = page.at(-1)?.revision ?? revision;
      yield { events: page, caughtUp: false };
      if (signal.aborted) return;
    }
  }
  for await (const { events, caughtUp } of followAll({ reader, tail }, start, signal)) {
    const own = events.filter((event) => event.stream === stream && event.revision > revision);
    yield { events: own, caughtUp };
    if (own.at(-1)?.revision === tombstoneRevision) throw new StreamTombstonedError(stream);
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
