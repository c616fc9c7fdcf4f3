/** SHA-256, 32 bytes; told by whoever has an implementation. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

const NODE = 0x01;
const HASH_BYTES = 32;

const nodes = (sha256: Sha256) => {
  const pair = new Uint8Array(1 + 2 * HASH_BYTES);
  pair[0] = NODE;
  return (left: Uint8Array, right: Uint8Array): Uint8Array => {
    pair.set(left, 1);
    pair.set(right, 1 + HASH_BYTES);
    return sha256(pair);
  };
};

/** Where a tree of `size` leaves parts: the largest power of two below it. */
const split = (size: number): number => 2 ** (31 - Math.clz32(size - 1));

/** A Merkle tree of RFC 6962 that grows leaf by leaf, with little work each time. */
export const growingTree = (sha256: Sha256) => {
  const node = nodes(sha256);
  /** Full subtrees from left to right, each larger than the next. */
  const full: { readonly size: number; readonly hash: Uint8Array }[] = [];
  return {
    add: (leaf: Uint8Array): void => {
      let [size, hash] = [1, leaf];
      for (let left = full.at(-1); left?.size === size; left = full.at(-1)) {
        hash = node(left.hash, hash);
        size *= 2;
        full.pop();
      }
      full.push({ size, hash });
    },
    /** @throws RangeError  for no leaf at all: a caller's bug */
    root: (): Uint8Array => {
      if (full.length === 0) throw new RangeError('a tree has at least one leaf');
      return full.map(({ hash }) => hash).reduceRight((right, left) => node(left, right));
    },
  };
};

/** Root of the tree over hashes of leaves. @throws RangeError  for no leaf at all: a caller's bug */
export const merkleRoot = (leaves: readonly Uint8Array[], sha256: Sha256): Uint8Array => {
  const tree = growingTree(sha256);
  leaves.forEach(tree.add);
  return tree.root();
};

/** First of the rising `indexes` that is not below `from`, by its place among them. */
const placeFrom = (indexes: readonly number[], from: number): number => {
  let [low, high] = [0, indexes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
};

const hasAny = (indexes: readonly number[], low: number, high: number): boolean => {
  const index = indexes[placeFrom(indexes, low)];
  return index !== undefined && index < high;
};

/**
 * What someone who has only some of the leaves needs to make the root: the roots of the largest subtrees
 * without any of them, from left to right. Empty when all leaves are there.
 *
 * @param indexes  which leaves are there, rising
 */
export const merkleProof = (
  leaves: readonly Uint8Array[],
  indexes: readonly number[],
  sha256: Sha256,
): readonly Uint8Array[] => {
  const prove = (low: number, high: number): readonly Uint8Array[] => {
    if (!hasAny(indexes, low, high)) return [merkleRoot(leaves.slice(low, high), sha256)];
    if (high - low === 1) return [];
    const middle = low + split(high - low);
    return [...prove(low, middle), ...prove(middle, high)];
  };
  return prove(0, leaves.length);
};

/** The root from some leaves and the proof for the others; undefined when they do not fit each other. */
export const rootFromProof = (
  size: number,
  known: ReadonlyMap<number, Uint8Array>,
  proof: readonly Uint8Array[],
  sha256: Sha256,
): Uint8Array | undefined => {
  const node = nodes(sha256);
  const indexes = [...known.keys()].sort((a, b) => a - b);
  let used = 0;
  const rootOf = (low: number, high: number): Uint8Array | undefined => {
    if (!hasAny(indexes, low, high)) return proof[used++];
    if (high - low === 1) return known.get(low);
    const middle = low + split(high - low);
    const left = rootOf(low, middle);
    const right = rootOf(middle, high);
    return left && right && node(left, right);
  };
  const root = rootOf(0, size);
  return used === proof.length ? root : undefined;
};
