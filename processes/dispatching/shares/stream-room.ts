import type { QueueBudget } from './queue-budget';

/** How full the broker's stream is. */
export type StreamUse = { readonly usedBytes: number; readonly maxBytes: number };

/** What dispatches may still put into the stream, as the broker told it last and by what was sent since. */
export type StreamRoom = {
  /** Asks the broker; after that nothing counts as refused. */
  readonly ask: () => Promise<void>;
  /** A queue may fill what the stream leaves free, so that no number of queues fills all of it. */
  readonly hasBytes: (budget: QueueBudget) => boolean;
  readonly begin: (budget: QueueBudget, sizeBytes: number) => void;
  /** Counts what lies in queues that nobody serves. */
  readonly count: (budgets: Iterable<QueueBudget>) => void;
  /** The broker had no room: nothing more is sent before it was asked. */
  readonly refused: () => void;
  readonly isRefused: () => boolean;
  /** Nobody will tell when there is room: the next refused message does. */
  readonly forgetRefusal: () => void;
};

/** Of the stream that dispatches may fill; the rest is for what the rescuer sends again. */
const STREAM_PART = 0.9;
/** Of the stream, for all queues together that nobody serves. */
const UNSERVED_PART = 1 / 8;

const bytesIn = (budget: QueueBudget): number => budget.used() * budget.averageBytes();

export const streamRoom = (streamUse: () => Promise<StreamUse>): StreamRoom => {
  let stream: StreamUse = { usedBytes: 0, maxBytes: Infinity };
  let sentBytes = 0;
  let unservedBytes = 0;
  let isRefused = false;
  return {
    ask: async () => {
      const before = sentBytes;
      stream = await streamUse();
      sentBytes -= before;
      isRefused = false;
    },
    hasBytes: (budget) => {
      const free = stream.maxBytes * STREAM_PART - stream.usedBytes - sentBytes;
      if (budget.isServed()) return free > 0 && bytesIn(budget) <= free;
      const left = stream.maxBytes * UNSERVED_PART - unservedBytes;
      return Math.min(free, left) > 0 && bytesIn(budget) <= Math.min(free, left);
    },
    begin: (budget, sizeBytes) => {
      sentBytes += sizeBytes;
      if (!budget.isServed()) unservedBytes += sizeBytes;
    },
    count: (budgets) => {
      unservedBytes = 0;
      for (const budget of budgets) if (!budget.isServed()) unservedBytes += bytesIn(budget);
    },
    refused: () => {
      isRefused = true;
    },
    isRefused: () => isRefused,
    forgetRefusal: () => {
      isRefused = false;
    },
  };
};
