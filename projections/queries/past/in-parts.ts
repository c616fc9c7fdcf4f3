/** Between two turns of the event loop; work that takes ten microseconds each holds up nobody for long. */
const IN_ONE_TURN = 500;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Does something with each of many, and lets others have their turn in between. */
export const forEachInParts = async <T>(
  all: Iterable<T>,
  signal: AbortSignal,
  work: (one: T) => void,
): Promise<void> => {
  let done = 0;
  for (const one of all) {
    work(one);
    done += 1;
    if (done % IN_ONE_TURN !== 0) continue;
    await turn();
    signal.throwIfAborted();
  }
};

type Order<T> = (a: T, b: T) => number;

/** Where it belongs among others that are in order. */
const placeIn = <T>(sorted: readonly T[], one: T, order: Order<T>): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && order(other, one) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Gathers the first so many of what it is given, whatever order that comes in. */
export const firstOf = <T>(limit: number, order: Order<T>) => {
  const first: T[] = [];
  return {
    add: (one: T): void => {
      if (limit === Infinity) {
        first.push(one);
        return;
      }
      const place = placeIn(first, one, order);
      if (place >= limit) return;
      first.splice(place, 0, one);
      if (first.length > limit) first.pop();
    },
    /** In order. */
    all: (): readonly T[] => (limit === Infinity ? first.sort(order) : first),
  };
};
