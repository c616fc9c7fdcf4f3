/** What is remembered of any stream that is audited. Mutable: there are millions. */
export type StreamTrace = {
  /** Place of its last event; -1 before the first. */
  revision: number;
  position: number;
  lastType: string;
  /** Its first events are not there: what follows is believed, and what they said is not known. */
  isHeadless: boolean;
};

/** How a trace is laid out in numbers. */
export type TraceLayout<Trace> = {
  readonly empty: () => Trace;
  /** How many of each it takes. */
  readonly floats: number;
  readonly counts: number;
  readonly loadFloats: (floats: Float64Array, at: number, into: Trace) => void;
  readonly loadCounts: (counts: Int32Array, at: number, into: Trace) => void;
  readonly saveFloats: (floats: Float64Array, at: number, from: Readonly<Trace>) => void;
  readonly saveCounts: (counts: Int32Array, at: number, from: Readonly<Trace>) => void;
};

/** The traces of many streams in arrays of numbers, which cost a tenth of what objects do and no garbage collection. */
export type TraceTable<Trace> = {
  readonly size: () => number;
  /** The row of a stream; undefined for one that is not there. */
  readonly rowOf: (stream: string) => number | undefined;
  /** Makes an empty row. @returns its number */
  readonly add: (stream: string) => number;
  readonly load: (row: number, into: Trace) => void;
  readonly save: (row: number, from: Readonly<Trace>) => void;
  /** All streams with their rows. */
  readonly streams: () => Iterable<readonly [stream: string, row: number]>;
};

const PAGE_ROWS = 16_384;

type Page = { readonly floats: Float64Array; readonly counts: Int32Array };

/** A Map holds 16.7 million keys, so there are several. */
const MAPS = 16;
const mapOf = (stream: string): number => stream.charCodeAt(stream.length - 1) % MAPS;

export const traceTable = <Trace>({
  floats: width,
  counts: countsWidth,
  loadFloats,
  loadCounts,
  saveFloats,
  saveCounts,
}: TraceLayout<Trace>): TraceTable<Trace> => {
  const maps = Array.from({ length: MAPS }, () => new Map<string, number>());
  const pages: Page[] = [];
  let size = 0;

  const pageOf = (row: number): Page => {
    const page = pages[Math.floor(row / PAGE_ROWS)];
    if (!page) throw new RangeError(`there is no row ${row}`);
    return page;
  };
  return {
    size: () => size,
    rowOf: (stream) => maps[mapOf(stream)]?.get(stream),
    add: (stream) => {
      if (size === pages.length * PAGE_ROWS)
        pages.push({
          floats: new Float64Array(PAGE_ROWS * width),
          counts: new Int32Array(PAGE_ROWS * countsWidth),
        });
      maps[mapOf(stream)]?.set(stream, size);
      size += 1;
      return size - 1;
    },
    load: (row, into) => {
      const { floats, counts } = pageOf(row);
      const at = row % PAGE_ROWS;
      loadFloats(floats, at * width, into);
      loadCounts(counts, at * countsWidth, into);
    },
    save: (row, from) => {
      const { floats, counts } = pageOf(row);
      const at = row % PAGE_ROWS;
      saveFloats(floats, at * width, from);
      saveCounts(counts, at * countsWidth, from);
    },
    streams: function* all() {
      for (const map of maps) yield* map;
    },
  };
};
