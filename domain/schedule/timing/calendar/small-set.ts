/** A set of whole numbers from 0 to 59: two words of 30 bits, so that 100,000 rules in memory are small. */
export type SmallSet = { readonly low: number; readonly high: number };

const WORD = 30;

/** No number of a set. */
const BEYOND = 60;

export const smallSet = (values: Iterable<number>): SmallSet => {
  let [low, high] = [0, 0];
  for (const value of values)
    if (value < WORD) low |= 1 << value;
    else high |= 1 << (value - WORD);
  return { low, high };
};

/** Place of the lowest bit that is set; of one that is not zero. */
export const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

/** How many bits are set. */
export const bitCount = (bits: number): number => {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
};

/** The smallest that is at least `at`; `BEYOND` when there is none. */
export const smallFrom = ({ low, high }: SmallSet, at: number): number => {
  if (at < WORD) {
    const rest = low & (-1 << at);
    if (rest !== 0) return lowestBit(rest);
    return high === 0 ? BEYOND : WORD + lowestBit(high);
  }
  if (at >= BEYOND) return BEYOND;
  const rest = high & (-1 << (at - WORD));
  return rest === 0 ? BEYOND : WORD + lowestBit(rest);
};

export const isInSmall = (set: SmallSet, value: number): boolean =>
  value < WORD ? ((set.low >>> value) & 1) === 1 : ((set.high >>> (value - WORD)) & 1) === 1;

/** How many are less than `below`. */
export const smallBelow = ({ low, high }: SmallSet, below: number): number =>
  below <= WORD
    ? bitCount(low & ((1 << below) - 1))
    : bitCount(low) + bitCount(high & ((1 << (below - WORD)) - 1));

export const smallSize = (set: SmallSet): number => smallBelow(set, BEYOND);
