import { lanes } from './lanes';
import { BadLineError, type LineEvent } from './line';
import { placing, type Target } from './placing';
import { readLog } from './read-log';

export type ImportOptions = {
  /** Appends at a time; with 1 the whole log keeps its order, else each stream does. */
  readonly inFlight: number;
  /** Streams whose first events are gone begin at revision 0, instead of ending the import. */
  readonly renumber: boolean;
  /** Also streams that begin with one `$`. */
  readonly system: boolean;
  /** Told of each event that is read, with the bytes up to the end of its line; may throw to end the import. */
  readonly onEvent: (events: number, readBytes: number) => void;
};

export type ImportCounts = {
  readonly imported: number;
  readonly present: number;
  /** Of system streams. */
  readonly skipped: number;
};

export type Import = {
  /**
   * Puts all events of a file where it says they were.
   *
   * @throws BadLineError when the file is cut or garbled; what was read before that line is placed
   * @throws ConflictError when the store has something else in the same place
   */
  readonly run: (chunks: AsyncIterable<Buffer>) => Promise<void>;
  /** At any time, after a failure too. */
  readonly counts: () => ImportCounts;
};

/** A stream and its metastream share a lane: deletion and metadata take effect between the events they stood between. */
const originalOf = ({ stream }: LineEvent): string =>
  stream.startsWith('$$') ? stream.slice(2) : stream;

const isSystem = (event: LineEvent): boolean => originalOf(event).startsWith('$');

/** Fills a store with what `exportLog` wrote. */
export const importOf = (target: Target, options: ImportOptions): Import => {
  const { inFlight, renumber, system, onEvent } = options;
  const placed = placing(target, renumber);
  let skipped = 0;
  const run = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    const { add, drained } = lanes({ place: placed.place, inFlight, laneOf: originalOf });
    let events = 0;
    try {
      for await (const { event, readBytes } of readLog(chunks)) {
        events += 1;
        onEvent(events, readBytes);
        if (isSystem(event) && !system) skipped += 1;
        else await add(event);
      }
    } catch (error) {
      // what was read before the bad line is whole
      if (error instanceof BadLineError) await drained();
      throw error;
    }
    await drained();
    placed.finish();
  };
  return { run, counts: () => ({ ...placed.counts(), skipped }) };
};
