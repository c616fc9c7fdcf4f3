/** Counts what happened lately: of what was added, less and less is left. */
export type DecayingCount = {
  readonly add: () => void;
  readonly value: () => number;
};

/** @param overMs  after this long a third is left; read each time, so that it may change */
export const decayingCount = (monotonicMs: () => number, overMs: () => number): DecayingCount => {
  let count = 0;
  let atMs = monotonicMs();
  const value = (): number => {
    const nowMs = monotonicMs();
    count *= Math.exp((atMs - nowMs) / overMs());
    atMs = nowMs;
    return count;
  };
  return {
    add: () => {
      count = value() + 1;
    },
    value,
  };
};
