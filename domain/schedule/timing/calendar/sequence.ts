/** Whole numbers in growing order, none of them twice: seconds since the epoch, or on a wall clock. */
export type Sequence = {
  /** The first that is at least `at`; `NONE` when there is none. */
  readonly from: (at: number) => number;
  /** How many lie in [from, to). */
  readonly count: (from: number, to: number) => number;
};

/** Comes after every number. */
export const NONE = Infinity;

/** Costs the same however far the next one is. */
export const has = (sequence: Sequence, at: number): boolean => sequence.count(at, at + 1) > 0;

/** Index of the first that is at least `at`. */
const indexFrom = (sorted: readonly number[], at: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? NONE) < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Those of a list, which is in growing order without repeats. */
export const listed = (sorted: readonly number[]): Sequence => ({
  from: (at) => sorted[indexFrom(sorted, at)] ?? NONE,
  count: (from, to) => Math.max(0, indexFrom(sorted, to) - indexFrom(sorted, from)),
});

/** Those from `first` to `last`, both inclusive. */
export const within = (sequence: Sequence, first: number, last: number): Sequence => ({
  from: (at) => {
    if (at > last) return NONE;
    const found = sequence.from(at < first ? first : at);
    return found > last ? NONE : found;
  },
  count: (from, to) => {
    const [start, end] = [Math.max(from, first), Math.min(to, last + 1)];
    return start < end ? sequence.count(start, end) : 0;
  },
});

/** All of a sequence and all of a list. */
export const plus = (sequence: Sequence, added: readonly number[]): Sequence => {
  const news = listed(added.filter((at) => !has(sequence, at)));
  return {
    from: (at) => Math.min(sequence.from(at), news.from(at)),
    count: (from, to) => sequence.count(from, to) + news.count(from, to),
  };
};

/** All of a sequence that are not in a list. */
export const minus = (sequence: Sequence, removed: readonly number[]): Sequence => {
  const gone = listed(removed.filter((at) => has(sequence, at)));
  return {
    from: (at) => {
      let found = sequence.from(at);
      while (found !== NONE && has(gone, found)) found = sequence.from(found + 1);
      return found;
    },
    count: (from, to) => sequence.count(from, to) - gone.count(from, to),
  };
};

/** From `start` on, up to but without `end`. */
export type Range = { readonly start: number; readonly end: number };

/** All of a sequence outside of ranges, which are in growing order and do not touch. */
export const outside = (sequence: Sequence, ranges: readonly Range[]): Sequence => {
  const ends = ranges.map(({ end }) => end);
  const firstEndingAfter = (at: number): number => indexFrom(ends, at + 1);
  return {
    from: (at) => {
      let found = sequence.from(at);
      for (;;) {
        const range = found === NONE ? undefined : ranges[firstEndingAfter(found)];
        if (range === undefined || found < range.start) return found;
        found = sequence.from(range.end);
      }
    },
    count: (from, to) => {
      let total = sequence.count(from, to);
      for (let i = firstEndingAfter(from); i < ranges.length; i += 1) {
        const { start, end } = ranges[i] ?? { start: NONE, end: NONE };
        if (start >= to) break;
        total -= sequence.count(Math.max(start, from), Math.min(end, to));
      }
      return total;
    },
  };
};

/** So few are found faster one after another than by counting. */
const FEW = 64;

/**
 * The n-th from `from` on, n from 1; `NONE` when there are fewer before `limit`. Takes as many steps as the
 * logarithm of the time between, however many lie there.
 */
export const nth = (sequence: Sequence, from: number, n: number, limit: number): number => {
  if (n <= FEW) {
    let at = sequence.from(from);
    for (let i = 1; i < n && at < limit; i += 1) at = sequence.from(at + 1);
    return at < limit ? at : NONE;
  }
  let [at, left, span] = [from, n, 86_400];
  for (;;) {
    if (at >= limit) return NONE;
    const many = sequence.count(at, at + span);
    if (many >= left) break;
    left -= many;
    at += span;
    span *= 2;
  }
  while (span > 1) {
    span = Math.ceil(span / 2);
    const many = sequence.count(at, at + span);
    if (many >= left) continue;
    left -= many;
    at += span;
  }
  return at < limit ? at : NONE;
};

/** The newest `n` of those in [from, to), in growing order. Holds no more than these, however many there are. */
export const newest = (sequence: Sequence, from: number, to: number, n: number): number[] => {
  let span = 60;
  while (to - span > from && sequence.count(to - span, to) < n) span *= 2;
  let [start, tooLate] = [Math.max(from, to - span), to];
  // at `start` there are enough or all of them; at `tooLate` there are not
  while (tooLate - start > 1) {
    const middle = Math.floor((start + tooLate) / 2);
    if (sequence.count(middle, to) >= n) start = middle;
    else tooLate = middle;
  }
  const found: number[] = [];
  for (let at = sequence.from(start); at < to && found.length < n; at = sequence.from(at + 1))
    found.push(at);
  return found;
};
