export type RecentEvent = { readonly revision: number; readonly sequence: number };

const idWords = 4;
/** In place of the sequence of an event that was not stored after all. */
const forgotten = -1;

/** Some 2^n slots, at least twice as many as events, so that a probe is short. */
const slotCountFor = (capacity: number): number => 2 ** Math.ceil(Math.log2(2 * capacity));

/** A table of ids in flat arrays: tens of thousands of them cost the garbage collector nothing. */
const idTable = (capacity: number) => {
  const mask = slotCountFor(capacity) - 1;
  /** Entry + 1; 0 for a free slot. */
  const slots = new Int32Array(mask + 1);
  const ids = new Int32Array(idWords * capacity);
  const revisions = new Float64Array(capacity);
  const sequences = new Float64Array(capacity);
  const streams: string[] = [];
  let count = 0;

  const isEntry = (entry: number, stream: string, id: Buffer): boolean =>
    ids[idWords * entry] === id.readInt32LE(0) &&
    ids[idWords * entry + 1] === id.readInt32LE(4) &&
    ids[idWords * entry + 2] === id.readInt32LE(8) &&
    ids[idWords * entry + 3] === id.readInt32LE(12) &&
    streams[entry] === stream;

  /** The slot of an id, or the free one where it belongs. */
  const slotOf = (stream: string, id: Buffer): number => {
    const first = id.readInt32LE(0) ^ Math.imul(id.readInt32LE(4), 0x85ebca6b);
    const second = id.readInt32LE(8) ^ Math.imul(id.readInt32LE(12), 0xc2b2ae35);
    let slot = Math.imul(first ^ (second >>> 15) ^ second, 0x9e3779b1) >>> 7;
    for (slot &= mask; ; slot = (slot + 1) & mask) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry < 0 || isEntry(entry, stream, id)) return slot;
    }
  };

  return {
    isFull: (): boolean => count === capacity,
    add: (stream: string, id: Buffer, revision: number, sequence: number): void => {
      const slot = slotOf(stream, id);
      for (let word = 0; word < idWords; word += 1)
        ids[idWords * count + word] = id.readInt32LE(4 * word);
      revisions[count] = revision;
      sequences[count] = sequence;
      streams[count] = stream;
      count += 1;
      slots[slot] = count;
    },
    get: (stream: string, id: Buffer): RecentEvent | undefined => {
      const entry = (slots[slotOf(stream, id)] ?? 0) - 1;
      return entry < 0 || sequences[entry] === forgotten
        ? undefined
        : { revision: revisions[entry] ?? 0, sequence: sequences[entry] ?? 0 };
    },
    forget: (stream: string, id: Buffer): void => {
      const entry = (slots[slotOf(stream, id)] ?? 0) - 1;
      if (entry >= 0) sequences[entry] = forgotten;
    },
    clear: (): void => {
      slots.fill(0);
      streams.length = 0;
      count = 0;
    },
  };
};

/**
 * Ids of the newest events, at least `capacity` and at most twice as many; an id is unique in its stream only.
 * A repeated append with `any` is known by them only, as on the real server; one at an exact revision is also
 * found in storage.
 */
export const recentIds = (capacity: number) => {
  let young = idTable(capacity);
  let old = idTable(capacity);
  return {
    add: (stream: string, id: Buffer, revision: number, sequence: number): void => {
      if (young.isFull()) {
        [young, old] = [old, young];
        young.clear();
      }
      young.add(stream, id, revision, sequence);
    },
    get: (stream: string, id: Buffer): RecentEvent | undefined =>
      young.get(stream, id) ?? old.get(stream, id),
    /** The event was not stored after all. */
    forget: (stream: string, id: Buffer): void => {
      young.forget(stream, id);
      old.forget(stream, id);
    },
    clear: (): void => {
      young.clear();
      old.clear();
    },
  };
};

export type RecentIds = ReturnType<typeof recentIds>;
