import { pause } from '../../runtime/backoff';
import type { Logger } from '../../runtime/logger';
import type { Timers } from '../../runtime/timers';
import { wakeUp } from '../../runtime/wake-up';
import { queueBudget, type BudgetLimits, type Depth, type QueueBudget } from './queue-budget';

/** The broker as it is asked how full it is. */
export type QueueDepths = {
  readonly depthOf: (queue: string) => Promise<Depth>;
  readonly streamUse: () => Promise<{ readonly usedBytes: number; readonly maxBytes: number }>;
};

export type QueueBudgetsDeps = {
  readonly depths: QueueDepths;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Called when a queue may have room again. */
  readonly onRoom: () => void;
  readonly limits: BudgetLimits;
};

/** Budgets of all queues, whose sum stays below what the stream may hold. */
export type QueueBudgets = {
  readonly isFull: (queue: string) => boolean;
  /** A dispatch has begun. */
  readonly begin: (queue: string, sizeBytes: number) => void;
  readonly sent: (queue: string) => void;
  readonly giveBack: (queue: string) => void;
  /** The broker had no room: nothing more is sent before it was asked. */
  readonly refused: () => void;
  /** @param share  this dispatcher's part of all shards, from 0 to 1 */
  readonly setShare: (share: number) => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Of the stream that dispatches may fill; the rest is for what the rescuer sends again. */
const STREAM_PART = 0.9;
/** Of the stream, for all queues together that nobody serves. */
const UNSERVED_PART = 1 / 8;
/** Between two questions about one queue. */
const ASK_AGAIN_MS = 20;
/** The same about a queue of which nobody takes anything: the broker lists what is in it, so it rests for many times what that took. */
const ASK_IDLE_AGAIN_MS = 500;
const ASK_IDLE_RESTS = 50;
/** An executor may come, and a slow answer may be that of a process that stood still. */
const MAX_ASK_IDLE_REST_MS = 5_000;
/** The same when the broker did not answer. */
const ASK_AFTER_FAILURE_MS = 500;
/** Queues that are asked about at once: an owner may invent any number of names. */
const ASKED_TOGETHER = 64;
/** A broker that has told nothing for so long stops nobody: a refused message will tell. */
const BLIND_AFTER_MS = 5_000;
/** Queues that nothing was sent to for so long are forgotten. */
const FORGET_AFTER_MS = 60_000;

type Queue = {
  readonly budget: QueueBudget;
  isWanted: boolean;
  nextAskAtMs: number;
  usedAtMs: number;
};

export const queueBudgets = (deps: QueueBudgetsDeps): QueueBudgets => {
  const { depths, timers, logger, onRoom } = deps;
  const queues = new Map<string, Queue>();
  const wake = wakeUp(timers);
  let share = 1;
  let stream = { usedBytes: 0, maxBytes: Infinity };
  let sentBytes = 0;
  let unservedBytes = 0;
  let isRefused = false;
  let failingSinceMs: number | undefined;

  const queueOf = (name: string): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const made: Queue = {
      budget: queueBudget(deps.limits),
      isWanted: false,
      nextAskAtMs: 0,
      usedAtMs: timers.monotonicMs(),
    };
    queues.set(name, made);
    return made;
  };
  const bytesIn = ({ budget }: Queue): number => budget.used() * budget.averageBytes();

  /** A queue may fill what it leaves free, so that no number of queues fills all of it. */
  const hasBytes = (queue: Queue): boolean => {
    const free = stream.maxBytes * STREAM_PART - stream.usedBytes - sentBytes;
    if (queue.budget.isServed()) return free > 0 && bytesIn(queue) <= free;
    const left = stream.maxBytes * UNSERVED_PART - unservedBytes;
    return Math.min(free, left) > 0 && bytesIn(queue) <= Math.min(free, left);
  };
  /** Room for all dispatchers together is divided by their shares, what was sent since is this one's own. */
  const hasMessages = ({ budget }: Queue): boolean => {
    const ownSince = budget.used() - budget.waiting();
    return ownSince < (budget.messages() - budget.waiting()) * share;
  };
  const isBlind = (): boolean =>
    failingSinceMs !== undefined && timers.monotonicMs() - failingSinceMs > BLIND_AFTER_MS;

  const want = (queue: Queue): void => {
    if (queue.isWanted) return;
    queue.isWanted = true;
    wake.call();
  };

  const askOne = async (name: string, queue: Queue): Promise<void> => {
    const startMs = timers.monotonicMs();
    const takeIn = queue.budget.asking(startMs);
    const depth = await depths.depthOf(name);
    const now = timers.monotonicMs();
    takeIn(depth, now);
    queue.isWanted = false;
    queue.nextAskAtMs = queue.budget.isServed()
      ? now + ASK_AGAIN_MS
      : now +
        Math.min(
          MAX_ASK_IDLE_REST_MS,
          Math.max(ASK_IDLE_AGAIN_MS, ASK_IDLE_RESTS * (now - startMs)),
        );
  };

  const askStream = async (): Promise<void> => {
    const before = sentBytes;
    stream = await depths.streamUse();
    sentBytes -= before;
    isRefused = false;
  };

  const round = async (): Promise<void> => {
    const now = timers.monotonicMs();
    const asked = [...queues]
      .filter(([, { isWanted, nextAskAtMs }]) => isWanted && nextAskAtMs <= now)
      .sort(([, a], [, b]) => a.nextAskAtMs - b.nextAskAtMs)
      .slice(0, ASKED_TOGETHER);
    if (asked.length === 0 && !isRefused) return;
    await Promise.all([askStream(), ...asked.map(([name, queue]) => askOne(name, queue))]);
    unservedBytes = 0;
    for (const queue of queues.values())
      if (!queue.budget.isServed()) unservedBytes += bytesIn(queue);
    onRoom();
  };

  const forget = (): void => {
    const now = timers.monotonicMs();
    for (const [name, { budget, usedAtMs }] of queues)
      if (budget.isIdle() && now - usedAtMs > FORGET_AFTER_MS) queues.delete(name);
  };
  const nextAskInMs = (): number => {
    const now = timers.monotonicMs();
    let least = 1_000;
    for (const { isWanted, nextAskAtMs } of queues.values())
      if (isWanted) least = Math.min(least, nextAskAtMs - now);
    return Math.max(ASK_AGAIN_MS / 2, least);
  };

  return {
    isFull: (name) => {
      const queue = queueOf(name);
      queue.usedAtMs = timers.monotonicMs();
      if (!isRefused && hasMessages(queue) && hasBytes(queue)) return false;
      want(queue);
      return isRefused || !isBlind();
    },
    begin: (name, sizeBytes) => {
      const queue = queueOf(name);
      queue.budget.begin(sizeBytes);
      sentBytes += sizeBytes;
      if (!queue.budget.isServed()) unservedBytes += sizeBytes;
      if (queue.budget.isToBeAsked()) want(queue);
    },
    sent: (name) => {
      queueOf(name).budget.sent();
    },
    giveBack: (name) => {
      queueOf(name).budget.giveBack();
    },
    refused: () => {
      isRefused = true;
      wake.call();
    },
    setShare: (part) => {
      share = part;
    },
    run: async (signal) => {
      signal.addEventListener('abort', wake.call, { once: true });
      await askStream().catch(() => undefined); // asked again with the first queue
      while (!signal.aborted) {
        try {
          await wake.wait(nextAskInMs());
          await round();
          forget();
          failingSinceMs = undefined;
        } catch (error) {
          isRefused = false; // nobody will tell when there is room: the next refused message does
          if (failingSinceMs === undefined)
            logger.warn({ err: error }, 'the broker does not tell how full its queues are');
          failingSinceMs ??= timers.monotonicMs();
          onRoom(); // whoever has become blind goes on
          await pause(ASK_AFTER_FAILURE_MS, signal);
        }
      }
      signal.removeEventListener('abort', wake.call);
    },
  };
};
