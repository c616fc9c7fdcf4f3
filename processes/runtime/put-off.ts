/** What could not be done just now, by id; each waits longer the more often that happens. Times are monotonic. */
export type PutOff = {
  readonly isPutOff: (id: string, nowMs: number) => boolean;
  /** How often in a row it was put off. */
  readonly times: (id: string) => number;
  /** @returns how often in a row that is */
  readonly add: (id: string, nowMs: number) => number;
  /** Once more, but no longer than at first: it may not be its fault. */
  readonly addBriefly: (id: string, nowMs: number) => void;
  readonly settle: (id: string) => void;
  readonly size: () => number;
};

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Some twenty megabytes; beyond that the one that was put off first is tried again too soon. */
const MOST = 100_000;

export const putOff = (): PutOff => {
  const waiting = new Map<string, { readonly times: number; readonly untilMs: number }>();
  const set = (id: string, times: number, untilMs: number): void => {
    waiting.delete(id); // so that it comes last in the order of the map
    waiting.set(id, { times, untilMs });
    const [oldest] = waiting.keys();
    if (waiting.size > MOST && oldest !== undefined) waiting.delete(oldest);
  };
  const times = (id: string): number => waiting.get(id)?.times ?? 0;
  return {
    isPutOff: (id, nowMs) => (waiting.get(id)?.untilMs ?? -Infinity) > nowMs,
    times,
    add: (id, nowMs) => {
      const next = times(id) + 1;
      set(id, next, nowMs + Math.min(LONGEST_MS, FIRST_MS * 2 ** (next - 1)));
      return next;
    },
    addBriefly: (id, nowMs) => {
      set(id, Math.max(1, times(id)), nowMs + FIRST_MS);
    },
    settle: (id) => {
      waiting.delete(id);
    },
    size: () => waiting.size,
  };
};
