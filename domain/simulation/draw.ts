/**
 * The n-th draw of a seed, from [0, 1): the same two numbers, the same draw, in any order.
 *
 * @see mulberry32, of which this is the n-th value
 */
export const drawAt = (seed: number, n: number): number => {
  const state = (seed + Math.imul(n + 1, 0x6d2b79f5)) | 0;
  const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32;
};

/** A seed for draws that must not follow those of `seed`. */
export const seedFor = (seed: number, purpose: number): number =>
  Math.floor(drawAt(seed, purpose) * 2 ** 32);
