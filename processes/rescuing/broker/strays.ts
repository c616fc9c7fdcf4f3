import type { SeenTime } from '../seen-time';

/**
 * Jobs whose rows do not follow their streams, for one is parked or the projection stands still. What they
 * need is decided from the streams, and their age is how long they were seen to be there.
 */
export type Strays = {
  readonly add: (jobId: string) => void;
  readonly drop: (jobId: string) => void;
  readonly all: () => readonly { readonly jobId: string }[];
  /** For how long its stream was seen to be where it is. */
  readonly ageMs: (jobId: string, revision: bigint) => number;
};

const MOST = 10_000;

export const strays = ({ passedMs }: Pick<SeenTime, 'passedMs'>): Strays => {
  const jobs = new Map<
    string,
    { readonly revision: bigint; readonly sinceMs: number } | undefined
  >();
  return {
    add: (jobId) => {
      if (jobs.size < MOST && !jobs.has(jobId)) jobs.set(jobId, undefined);
    },
    drop: (jobId) => {
      jobs.delete(jobId);
    },
    all: () => [...jobs.keys()].map((jobId) => ({ jobId })),
    ageMs: (jobId, revision) => {
      const seen = jobs.get(jobId);
      if (seen?.revision === revision) return passedMs() - seen.sinceMs;
      jobs.set(jobId, { revision, sinceMs: passedMs() });
      return 0;
    },
  };
};
