import type { LineEvent } from './line';

export type NumberedEvent = LineEvent & { readonly line: number };

/** Events of one stream that follow each other. */
export type Group = readonly [NumberedEvent, ...NumberedEvent[]];

/** What the file says cannot be in this store; the message names the line. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

type Appended =
  | {
      readonly outcome: 'appended';
      /** Commit position; absent when the server does not say where a repeated append lies. */
      readonly position: bigint | undefined;
    }
  /** `current` is -1 for a stream without events. */
  | { readonly outcome: 'wrong-expected-revision'; readonly current: bigint }
  | { readonly outcome: 'stream-deleted' };

/** What an import asks of the store that it fills. */
export type Target = {
  /** Stores bytes as they are, behind revision `expected`; -1 when the stream has none. */
  readonly append: (
    stream: string,
    expected: bigint,
    events: readonly LineEvent[],
  ) => Promise<Appended>;
  /** @returns false when the stream had its tombstone already */
  readonly tombstone: (stream: string) => Promise<boolean>;
  /** Newest event of a stream, if it shows any. */
  readonly newest: (stream: string) => Promise<Pick<LineEvent, 'revision' | 'data'> | undefined>;
  /** Commit position of the last event before the import began; what lies there was there already. */
  readonly lastPosition: bigint;
};

export type Placing = {
  readonly place: (group: Group) => Promise<void>;
  /** @throws ConflictError when the store has tombstones that the file does not know */
  readonly finish: () => void;
  readonly counts: () => { readonly imported: number; readonly present: number };
};

const metastreamPrefix = '$$';

/** Of a tombstone, as clients see it. */
const tombstoneRevision = 2n ** 63n - 1n;

const isMetastream = (stream: string): boolean => stream.startsWith(metastreamPrefix);

const isTombstone = ({ revision }: LineEvent): boolean => revision === tombstoneRevision;

const sameJson = (a: Buffer, b: Buffer): boolean => {
  try {
    const text = (bytes: Buffer): string => JSON.stringify(JSON.parse(bytes.toString('utf8')));
    return text(a) === text(b);
  } catch {
    return false;
  }
};

/**
 * Puts events where the file says they were, so that placing them again changes nothing: every append names
 * the revision before it, and a store answers a repeated one like the first.
 *
 * @param renumber  streams whose first events are gone begin at revision 0, instead of ending the import
 */
export const placing = (target: Target, renumber: boolean): Placing => {
  /** By how much the revisions of a stream are lower here than in the file. */
  const offsets = new Map<string, bigint>();
  /** Streams that may be renumbered and have been met. */
  const met = new Set<string>();
  /** Streams that have a tombstone here, with the first line that could not be placed. */
  const ended = new Map<string, number>();
  let [imported, present] = [0, 0];

  const count = (events: number, position: bigint | undefined): void => {
    if (position === undefined || position <= target.lastPosition) present += events;
    else imported += events;
  };

  const append = async (group: Group) => {
    const [first] = group;
    const expected = first.revision - 1n - (offsets.get(first.stream) ?? 0n);
    const answer = await target.append(first.stream, expected, group);
    if (answer.outcome === 'appended') count(group.length, answer.position);
    return answer;
  };

  /**
   * A stream that the file has not from its beginning, or that it goes on with: only what lies at revision 0
   * here tells, and it must be asked first, or a second import would append behind the first.
   *
   * @returns whether the first event of the group is placed by this
   */
  const isBegunAtZero = async ({ 0: first }: Group): Promise<boolean> => {
    const { stream, revision } = first;
    if (!(renumber || isMetastream(stream)) || met.has(stream)) return false;
    met.add(stream);
    if (revision === 0n) return false;
    offsets.set(stream, revision);
    if ((await append([first])).outcome === 'appended') return true;
    offsets.delete(stream);
    return false;
  };

  const skipEnded = ({ stream, line }: NumberedEvent, events: number): void => {
    const original = isMetastream(stream) ? stream.slice(metastreamPrefix.length) : stream;
    if (!ended.has(original)) ended.set(original, line);
    present += events;
  };

  /** A store writes metadata of its own when a deleted stream is written to again. */
  const isSuperseded = async ({ stream, revision, data }: NumberedEvent): Promise<boolean> => {
    const newest = await target.newest(stream);
    const here = revision - (offsets.get(stream) ?? 0n);
    if (!newest || newest.revision < here) return false;
    return newest.revision > here || sameJson(newest.data, data);
  };

  const placeOne = async (event: NumberedEvent): Promise<void> => {
    const answer = await append([event]);
    if (answer.outcome === 'appended') return;
    if (answer.outcome === 'stream-deleted') {
      skipEnded(event, 1);
      return;
    }
    const { stream, revision, id, line } = event;
    const here = revision - (offsets.get(stream) ?? 0n);
    if (answer.current < here - 1n)
      throw new ConflictError(
        `line ${line}: stream ${stream} would go on at revision ${here}, but here it ends at ${answer.current}: ` +
          `events before it are gone from the source (see --renumber) or not imported`,
      );
    if (isMetastream(stream) && (await isSuperseded(event))) {
      present += 1;
      return;
    }
    throw new ConflictError(
      `line ${line}: stream ${stream} has another event than ${id} at revision ${here}`,
    );
  };

  const place = async (group: Group): Promise<void> => {
    const [first] = group;
    if (isTombstone(first)) {
      ended.delete(first.stream);
      if (await target.tombstone(first.stream)) imported += 1;
      else present += 1;
      return;
    }
    const [next, ...others] = (await isBegunAtZero(group)) ? group.slice(1) : group;
    if (!next) return;
    const answer = await append([next, ...others]);
    if (answer.outcome === 'appended') return;
    if (answer.outcome === 'stream-deleted') skipEnded(next, others.length + 1);
    // part of it may be there already: an import that was cut off had other groups
    else for (const event of [next, ...others]) await placeOne(event);
  };

  return {
    place,
    finish: () => {
      for (const [stream, line] of ended)
        throw new ConflictError(
          `line ${line}: stream ${stream} has a tombstone here, but not in the file`,
        );
    },
    counts: () => ({ imported, present }),
  };
};
