/** One event of a block: where it stands, and the first bytes of its leaf hash. */
export type Mark = { readonly position: bigint; readonly leaf: Uint8Array };

/** Enough to tell which event of a broken block is another one; the block itself stands on its full root. */
export const MARK_BYTES = 8;

/** Stands before the first position of any log. */
const BEFORE_START = -1n;

/** Where a block begins, as a number: exclusive. */
export const numberOf = (after: bigint | 'start'): bigint =>
  after === 'start' ? BEFORE_START : after;

/** Of a position, 64 bits at seven bits a byte. */
const MOST_VARINT_BYTES = 10;

/**
 * The events of a block in few bytes: for each the distance from the position before as a varint (seven bits a
 * byte, the lowest first, the top bit set while more follow), then `MARK_BYTES` of its leaf hash.
 */
export const encodeIndex = (after: bigint | 'start', marks: readonly Mark[]): Uint8Array => {
  const bytes = new Uint8Array(marks.length * (MOST_VARINT_BYTES + MARK_BYTES));
  let at = 0;
  let before = numberOf(after);
  for (const { position, leaf } of marks) {
    let rest = position - before;
    for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80;
    bytes[at++] = Number(rest);
    bytes.set(leaf.subarray(0, MARK_BYTES), at);
    at += MARK_BYTES;
    before = position;
  }
  return bytes.slice(0, at);
};

/** @returns undefined for bytes that are cut, or whose positions do not rise */
export const decodeIndex = (
  after: bigint | 'start',
  index: Uint8Array,
): readonly Mark[] | undefined => {
  const marks: Mark[] = [];
  let position = numberOf(after);
  for (let at = 0; at < index.length;) {
    let distance = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = index[at++];
      if (byte === undefined || shift > 63n) return undefined;
      distance |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const leaf = index.subarray(at, at + MARK_BYTES);
    if (distance === 0n || leaf.length < MARK_BYTES) return undefined;
    at += MARK_BYTES;
    position += distance;
    marks.push({ position, leaf });
  }
  return marks;
};
