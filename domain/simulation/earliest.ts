/** Times of which the earliest can be taken: a binary heap of up to `size` numbers. */
export const earliestFirst = (size: number) => {
  const heap = new Float64Array(size);
  let count = 0;
  const at = (index: number): number => heap[index] ?? Infinity;

  const rise = (time: number): void => {
    let index = count;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (at(parent) <= time) break;
      heap[index] = at(parent);
      index = parent;
    }
    heap[index] = time;
  };

  /** Puts `time` where the root was. */
  const sink = (time: number): void => {
    let index = 0;
    for (let child = 1; child < count; child = 2 * index + 1) {
      if (child + 1 < count && at(child + 1) < at(child)) child += 1;
      if (at(child) >= time) break;
      heap[index] = at(child);
      index = child;
    }
    heap[index] = time;
  };

  return {
    count: (): number => count,
    /** Infinity when there is none. */
    earliest: (): number => (count === 0 ? Infinity : at(0)),
    /** @throws RangeError when it is full */
    add: (time: number): void => {
      if (count === size) throw new RangeError(`no room for more than ${size} times`);
      rise(time);
      count += 1;
    },
    drop: (): void => {
      if (count === 0) return;
      count -= 1;
      if (count > 0) sink(at(count));
    },
  };
};
