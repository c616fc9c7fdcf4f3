import { pageBytes, type Direction, type StorageReader, type StoredHead } from '../store/storage';
import { noRevision, tombstoneRevision, type RecordedEvent } from './events';
import {
  firstVisibleRevision,
  isMetastream,
  isSoftDeleted,
  originalStreamOf,
} from './stream-metadata';

/** The first page is small because often no more is wanted. */
const firstPage = 32;
const largestPage = 1_000;

/** How many events the page after this one asks for. */
export const nextPageSize = (size: number): number => Math.min(4 * size, largestPage);

/** Whether nothing follows a page: it is short, and not because of its bytes. */
export const isLastPage = (page: readonly RecordedEvent[], limit: number): boolean =>
  page.length < limit &&
  page.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0) < pageBytes;

type Page = (from: number, limit: number) => Promise<readonly RecordedEvent[]>;

export type PageRead = {
  readonly read: Page;
  readonly start: number;
  readonly step: 1 | -1;
  readonly count: number;
  /** What the next page starts from, one step on. */
  readonly placeOf: (event: RecordedEvent) => number;
  /** The first page, when it is under way or there already. */
  readonly first?: readonly RecordedEvent[] | undefined;
};

/** Begins to read what is wanted next; that nobody comes for it is no fault. */
export const readAhead = (read: () => Promise<readonly RecordedEvent[]>) => {
  const page = read();
  page.catch(() => undefined);
  return page;
};

/** Pages of at most `count` events in all; the next is on its way while one is dealt with. */
async function* pages(options: PageRead): AsyncGenerator<readonly RecordedEvent[]> {
  const { read, start, step, count, placeOf, first } = options;
  let from = start;
  let left = count;
  let size = firstPage;
  let ahead = first ? Promise.resolve(first) : undefined;
  while (left > 0 && from >= 0) {
    const limit = Math.min(size, left);
    const page = await (ahead ?? read(from, limit));
    const last = page.at(-1);
    if (!last) return;
    const isOver = isLastPage(page, limit);
    left -= page.length;
    from = placeOf(last) + step;
    size = nextPageSize(size);
    const next = [from, Math.min(size, left)] as const;
    ahead = isOver || left <= 0 || from < 0 ? undefined : readAhead(() => read(...next));
    yield page;
    if (isOver) return;
  }
}

export type StreamRead = {
  readonly stream: string;
  readonly from: number | 'start' | 'end';
  readonly direction: Direction;
  readonly count: number;
};

export type StreamReadResult =
  | { readonly outcome: 'found'; readonly pages: AsyncIterable<readonly RecordedEvent[]> }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'stream-deleted' };

/** Cuts off what metadata hides; reads backwards end there. */
async function* visible(
  all: AsyncIterable<readonly RecordedEvent[]>,
  first: number,
  last: number,
): AsyncGenerator<readonly RecordedEvent[]> {
  for await (const page of all) {
    const shown = page.filter(({ revision }) => revision >= first && revision <= last);
    if (shown.length > 0) yield shown;
    if (shown.length < page.length) return;
  }
}

/** Past the end of every stream, short of a tombstone. */
const streamEnd = Number.MAX_SAFE_INTEGER;

const startOf = ({ from }: StreamRead): number =>
  from === 'start' ? 0 : from === 'end' ? streamEnd : Math.min(from, streamEnd);

export type ReadDeps = { readonly reader: StorageReader; readonly nowMs: () => number };

/** The head of a stream as its readers see it: a metastream ends with its stream's tombstone. */
export const readHead = async (
  reader: StorageReader,
  stream: string,
): Promise<StoredHead | undefined> => {
  const original = isMetastream(stream) ? originalStreamOf(stream) : undefined;
  const heads = await reader.heads(original === undefined ? [stream] : [stream, original]);
  const head = heads.get(stream);
  const isEnded = original !== undefined && heads.get(original)?.revision === tombstoneRevision;
  return head && isEnded ? { ...head, revision: tombstoneRevision } : head;
};

/** First revision that `$tb`, `$maxCount` and `$maxAge` let a read show now, of a stream that has events. */
export const oldestVisible = async (
  { reader, nowMs }: ReadDeps,
  stream: string,
  { revision, metadata }: StoredHead,
): Promise<number> => {
  const first = firstVisibleRevision(metadata, revision);
  const { maxAgeMs } = metadata;
  if (maxAgeMs === undefined || first > revision) return first;
  return await reader.firstCreatedSince(stream, Math.max(0, first), revision, nowMs() - maxAgeMs);
};

/** A read of one stream, honouring its metadata and deletion. */
export const readStream = async (
  deps: ReadDeps,
  request: StreamRead,
): Promise<StreamReadResult> => {
  const { reader } = deps;
  const { stream, direction, count } = request;
  const read: Page = (at, limit) => reader.readStream(stream, at, direction, streamEnd, limit);
  const asked = startOf(request);
  // most streams hide nothing: the first page does not wait for the head
  const [head, page] = await Promise.all([
    readHead(reader, stream),
    read(asked, Math.min(firstPage, count)),
  ]);
  if (!head || head.revision === noRevision) return { outcome: 'not-found' };
  if (head.revision === tombstoneRevision) return { outcome: 'stream-deleted' };
  if (isSoftDeleted(head.metadata)) return { outcome: 'not-found' };

  const oldest = await oldestVisible(deps, stream, head);
  const isForwards = direction === 'forwards';
  const start = isForwards ? Math.max(asked, oldest) : asked;
  const all = pages({
    read,
    start,
    step: isForwards ? 1 : -1,
    count,
    placeOf: (event) => event.revision,
    first: start === asked ? page : undefined,
  });
  return { outcome: 'found', pages: visible(all, oldest, head.revision) };
};

/** A read of the whole log; `from` is a sequence, that one included. */
export const readAll = (
  reader: StorageReader,
  from: number,
  direction: Direction,
  count: number,
): AsyncIterable<readonly RecordedEvent[]> =>
  pages({
    read: (at, limit) => reader.readAll(at, direction, limit),
    start: from,
    step: direction === 'forwards' ? 1 : -1,
    count,
    placeOf: (event) => event.sequence,
  });
