export type RecentEvent = { readonly revision: number; readonly sequence: number };

/** An event id is unique in its stream only; its 16 bytes as text come first in the key. */
const keyOf = (stream: string, id: Buffer): string => id.toString('latin1', 0, 16) + stream;

/**
 * Ids of the newest events, at least `capacity` and at most twice as many. A repeated append with `any` is
 * known by them only, as on the real server; one at an exact revision is also found in storage.
 */
export const recentIds = (capacity: number) => {
  let young = new Map<string, RecentEvent>();
  let old = new Map<string, RecentEvent>();
  return {
    add: (stream: string, id: Buffer, event: RecentEvent): void => {
      young.set(keyOf(stream, id), event);
      if (young.size < capacity) return;
      old = young;
      young = new Map();
    },
    get: (stream: string, id: Buffer): RecentEvent | undefined => {
      const key = keyOf(stream, id);
      return young.get(key) ?? old.get(key);
    },
    clear: (): void => {
      young = new Map();
      old = new Map();
    },
  };
};

export type RecentIds = ReturnType<typeof recentIds>;
