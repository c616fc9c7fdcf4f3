/** Jobs that could not be helped just now; each waits longer the more often that happens. Times are monotonic. */
export type PutOff = {
  readonly isPutOff: (jobId: string, nowMs: number) => boolean;
  /** How often in a row it was put off. */
  readonly times: (jobId: string) => number;
  /** @returns how often in a row that is */
  readonly add: (jobId: string, nowMs: number) => number;
  /** Once more, but no longer than at first: it may not be its fault. */
  readonly addBriefly: (jobId: string, nowMs: number) => void;
  readonly settle: (jobId: string) => void;
  readonly size: () => number;
};

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Some twenty megabytes; beyond that the one that was put off first is tried again too soon. */
const MOST = 100_000;

export const putOff = (): PutOff => {
  const jobs = new Map<string, { readonly times: number; readonly untilMs: number }>();
  const set = (jobId: string, times: number, untilMs: number): void => {
    jobs.delete(jobId); // so that it comes last in the order of the map
    jobs.set(jobId, { times, untilMs });
    const [oldest] = jobs.keys();
    if (jobs.size > MOST && oldest !== undefined) jobs.delete(oldest);
  };
  const times = (jobId: string): number => jobs.get(jobId)?.times ?? 0;
  return {
    isPutOff: (jobId, nowMs) => (jobs.get(jobId)?.untilMs ?? -Infinity) > nowMs,
    times,
    add: (jobId, nowMs) => {
      const next = times(jobId) + 1;
      set(jobId, next, nowMs + Math.min(LONGEST_MS, FIRST_MS * 2 ** (next - 1)));
      return next;
    },
    addBriefly: (jobId, nowMs) => {
      set(jobId, Math.max(1, times(jobId)), nowMs + FIRST_MS);
    },
    settle: (jobId) => {
      jobs.delete(jobId);
    },
    size: () => jobs.size,
  };
};
