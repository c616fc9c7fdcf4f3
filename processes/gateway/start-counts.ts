import { LRUCache } from 'lru-cache';

/** How many jobs started in each queue since they were last taken. */
export type StartCounts = {
  /** An executor has said which queue it serves. */
  readonly serves: (executorId: string, queue: string) => void;
  /** It was granted a start; nobody's queue is counted for one that was never heard. */
  readonly started: (executorId: string) => void;
  /** By queue; they begin again from nothing. */
  readonly take: () => ReadonlyMap<string, number>;
  /** What was taken and could not be told. */
  readonly giveBack: (starts: ReadonlyMap<string, number>) => void;
};

/** An executor may come under any number of names: those that were not heard for longest are forgotten. */
const MAX_EXECUTORS = 10_000;

export const startCounts = (maxExecutors = MAX_EXECUTORS): StartCounts => {
  const queues = new LRUCache<string, string>({ max: maxExecutors });
  let counts = new Map<string, number>();
  const add = (queue: string, starts: number): void => {
    counts.set(queue, (counts.get(queue) ?? 0) + starts);
  };
  return {
    serves: (executorId, queue) => {
      queues.set(executorId, queue);
    },
    started: (executorId) => {
      const queue = queues.get(executorId);
      if (queue !== undefined) add(queue, 1);
    },
    take: () => {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    giveBack: (starts) => {
      for (const [queue, many] of starts) add(queue, many);
    },
  };
};
