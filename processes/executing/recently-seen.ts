/** Remembers keys for a while, in constant memory. */
export type RecentlySeen = {
  readonly add: (key: string) => void;
  readonly has: (key: string) => boolean;
};

/**
 * @param capacity  keys remembered at least; up to twice as many are held
 */
export const recentlySeen = (capacity: number): RecentlySeen => {
  let newer = new Set<string>();
  let older = new Set<string>();
  return {
    add: (key) => {
      newer.add(key);
      if (newer.size < capacity) return;
      older = newer;
      newer = new Set();
    },
    has: (key) => newer.has(key) || older.has(key),
  };
};
