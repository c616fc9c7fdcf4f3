import { pause } from '../../runtime/backoff';
import type { Logger } from '../../runtime/logger';
import type { Timers } from '../../runtime/timers';
import { wakeUp } from '../../runtime/wake-up';
import { queueBudget, type BudgetLimits, type Depth, type QueueBudget } from './queue-budget';
import { streamRoom, type StreamUse } from './stream-room';

/** The broker as it is asked how full it is. */
export type QueueDepths = {
  readonly depthOf: (queue: string) => Promise<Depth>;
  readonly streamUse: () => Promise<StreamUse>;
};

export type QueueBudgetsDeps = {
  readonly depths: QueueDepths;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Called when a queue may have room again. */
  readonly onRoom: () => void;
  readonly limits: BudgetLimits;
};

/** How many messages may lie in a queue undelivered now, whoever sends them. */
export type QueueBudgetNow = { readonly queue: string; readonly messages: number };

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
  /** No more than `max` of those that are known, the ones that have messages first. */
  readonly list: (max: number) => readonly QueueBudgetNow[];
  readonly run: (signal: AbortSignal) => Promise<void>;
};

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

const restMs = (budget: QueueBudget, tookMs: number): number =>
  budget.isServed()
    ? ASK_AGAIN_MS
    : Math.min(MAX_ASK_IDLE_REST_MS, Math.max(ASK_IDLE_AGAIN_MS, ASK_IDLE_RESTS * tookMs));

/** Those that nothing was sent to for long are forgotten. */
const forgetIdle = (queues: Map<string, Queue>, nowMs: number): void => {
  for (const [name, { budget, usedAtMs }] of queues)
    if (budget.isIdle() && nowMs - usedAtMs > FORGET_AFTER_MS) queues.delete(name);
};

const nextAskInMs = (queues: ReadonlyMap<string, Queue>, nowMs: number): number => {
  let least = 1_000;
  for (const { isWanted, nextAskAtMs } of queues.values())
    if (isWanted) least = Math.min(least, nextAskAtMs - nowMs);
  return Math.max(ASK_AGAIN_MS / 2, least);
};

export const queueBudgets = (deps: QueueBudgetsDeps): QueueBudgets => {
  const { depths, timers, logger, onRoom } = deps;
  const queues = new Map<string, Queue>();
  const wake = wakeUp(timers);
  const room = streamRoom(depths.streamUse);
  let share = 1;
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
    queue.nextAskAtMs = now + restMs(queue.budget, now - startMs);
  };

  const round = async (): Promise<void> => {
    const now = timers.monotonicMs();
    const asked = [...queues]
      .filter(([, { isWanted, nextAskAtMs }]) => isWanted && nextAskAtMs <= now)
      .sort(([, a], [, b]) => a.nextAskAtMs - b.nextAskAtMs)
      .slice(0, ASKED_TOGETHER);
    if (asked.length === 0 && !room.isRefused()) return;
    await Promise.all([room.ask(), ...asked.map(([name, queue]) => askOne(name, queue))]);
    room.count([...queues.values()].map(({ budget }) => budget));
    onRoom();
  };

  return {
    isFull: (name) => {
      const queue = queueOf(name);
      queue.usedAtMs = timers.monotonicMs();
      if (!room.isRefused() && hasMessages(queue) && room.hasBytes(queue.budget)) return false;
      want(queue);
      return room.isRefused() || !isBlind();
    },
    begin: (name, sizeBytes) => {
      const queue = queueOf(name);
      queue.budget.begin(sizeBytes);
      room.begin(queue.budget, sizeBytes);
      if (queue.budget.isToBeAsked()) want(queue);
    },
    sent: (name) => {
      queueOf(name).budget.sent();
    },
    giveBack: (name) => {
      queueOf(name).budget.giveBack();
    },
    refused: () => {
      room.refused();
      wake.call();
    },
    setShare: (part) => {
      share = part;
    },
    list: (max) => {
      const [busy, idle]: [QueueBudgetNow[], QueueBudgetNow[]] = [[], []];
      for (const [queue, { budget }] of queues)
        (budget.used() > 0 ? busy : idle).push({ queue, messages: budget.messages() });
      return [...busy, ...idle].slice(0, max);
    },
    run: async (signal) => {
      signal.addEventListener('abort', wake.call, { once: true });
      await room.ask().catch(() => undefined); // asked again with the first queue
      while (!signal.aborted) {
        try {
          await wake.wait(nextAskInMs(queues, timers.monotonicMs()));
          await round();
          forgetIdle(queues, timers.monotonicMs());
          failingSinceMs = undefined;
        } catch (error) {
          room.forgetRefusal();
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
