import type { Flow } from '../../../projections/queries/dispatching/unstarted-jobs';
import type { Timers } from '../../runtime/timers';
import { queueWindow, type QueueWindow, type WindowSettings } from './queue-window';
import type { TalliedDispatch, Tally } from './tally';

/**
 * How many jobs of one owner in one queue may be dispatched and not started. All that is on its way stands before
 * the next owner's job, in the broker, at the gateway, in the log and on the processors. So the owners with the
 * most to do share one window, which is kept as small as the way is to be short for the others; whoever has
 * little waiting beside them is not held by it.
 */
export type OwnerWindows = {
  /** @param waiting  jobs of his that are due and not dispatched */
  readonly isFull: (queue: string, ownerId: string, waiting: number) => boolean;
  /** A dispatch of the owner has begun. */
  readonly begin: (queue: string, ownerId: string) => TalliedDispatch;
  /** The jobs of these keys were counted. */
  readonly counted: (keys: readonly string[]) => void;
  /** @param share  this dispatcher's part of all shards, from 0 to 1 */
  readonly setShare: (share: number) => void;
};

/** Whoever had a job in the queue this short ago is one of its owners. */
const RECENTLY_MS = 2_000;
/** An owner has little to do when so many times as much waits of another's, and that is more than goes out at once. */
const TIMES_MORE = 4;
const MUCH = 500;
/** How often all queues are looked through for those that are over. */
const FORGET_EVERY_MS = 10_000;
/** Owners whose part is less than one job may take one as long as so many times the window is not exceeded. */
const MOST_OVER = 2;

type Owner = { seenAtMs: number; waiting: number };
type Queue = {
  readonly window: QueueWindow;
  readonly owners: Map<string, Owner>;
  /** Of any of its owners. */
  mostWaiting: number;
  /** Sum of the weights of those who share the window, as of the last count. */
  weights: number;
};

/** Keys of the counts: a queue's name has no blank, an owner's may. */
const keyOf = (queue: string, ownerId: string): string => `${queue} ${ownerId}`;

/** What a key of the counts stands for: without an owner, for all of the queue. */
export const flowOf = (key: string): Flow => {
  const blank = key.indexOf(' ');
  return blank < 0 ? { queue: key } : { queue: key.slice(0, blank), ownerId: key.slice(blank + 1) };
};

export const ownerWindows = (
  unstarted: Tally,
  weightOf: (ownerId: string) => number,
  timers: Timers,
  settings: WindowSettings,
): OwnerWindows => {
  const queues = new Map<string, Queue>();
  let share = 1;
  let forgotAtMs = timers.monotonicMs();

  const jobsOf = (key: string): number => {
    const { counted, begun } = unstarted.of(key);
    return counted + begun;
  };
  const hasLittle = (queue: Queue, { waiting }: Owner): boolean =>
    queue.mostWaiting >= MUCH && waiting * TIMES_MORE < queue.mostWaiting;

  /** Forgets who has nothing in the queue any more, and sees who has little to do. */
  const review = (name: string, queue: Queue): void => {
    const nowMs = timers.monotonicMs();
    queue.mostWaiting = 0;
    for (const [ownerId, owner] of queue.owners) {
      if (nowMs - owner.seenAtMs > RECENTLY_MS && jobsOf(keyOf(name, ownerId)) === 0)
        queue.owners.delete(ownerId);
      else queue.mostWaiting = Math.max(queue.mostWaiting, owner.waiting);
    }
    if (queue.owners.size === 0) queues.delete(name);
    let isContested = false;
    queue.weights = 0;
    for (const [ownerId, owner] of queue.owners)
      if (hasLittle(queue, owner)) isContested = true;
      else queue.weights += weightOf(ownerId);
    queue.window.setContested(isContested);
  };
  const queueOf = (name: string): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const window = queueWindow(settings, timers.monotonicMs(), jobsOf(name));
    const queue: Queue = { window, owners: new Map(), mostWaiting: 0, weights: 0 };
    window.setShare(share);
    queues.set(name, queue);
    return queue;
  };
  const ownerOf = (queue: Queue, ownerId: string): Owner => {
    const known = queue.owners.get(ownerId);
    if (known) return known;
    const owner: Owner = { seenAtMs: timers.monotonicMs(), waiting: 0 };
    queue.owners.set(ownerId, owner);
    queue.weights += weightOf(ownerId);
    return owner;
  };
  /** Whether this dispatcher's jobs fill its part of the room. */
  const isOver = (key: string, most: number): boolean => {
    const { counted, begun } = unstarted.of(key);
    return begun >= Math.max(1, Math.ceil((most - counted) * share));
  };

  return {
    isFull: (name, ownerId, waiting) => {
      const queue = queueOf(name);
      const owner = ownerOf(queue, ownerId);
      owner.seenAtMs = timers.monotonicMs();
      owner.waiting = waiting;
      queue.mostWaiting = Math.max(queue.mostWaiting, waiting);
      const key = keyOf(name, ownerId);
      const jobs = queue.window.jobs();
      if (2 * jobsOf(name) >= jobs) {
        unstarted.hurry(name);
        unstarted.hurry(key);
      }
      if (unstarted.isBlind()) return false;
      if (hasLittle(queue, owner)) {
        queue.window.setContested(true);
        return isOver(key, settings.aloneJobs);
      }
      if (!isOver(name, jobs)) return false;
      const own = (jobs * weightOf(ownerId)) / Math.max(1, queue.weights);
      if (!isOver(key, own) && !isOver(name, MOST_OVER * jobs)) return false;
      queue.window.full();
      return true;
    },
    begin: (name, ownerId) => {
      const queue = queueOf(name);
      ownerOf(queue, ownerId).seenAtMs = timers.monotonicMs();
      queue.window.begin();
      return unstarted.begin([name, keyOf(name, ownerId)]);
    },
    counted: (keys) => {
      const nowMs = timers.monotonicMs();
      for (const key of keys) {
        const queue = queues.get(key);
        if (!queue) continue;
        queue.window.counted(jobsOf(key), nowMs);
        review(key, queue);
      }
      if (nowMs - forgotAtMs < FORGET_EVERY_MS) return;
      forgotAtMs = nowMs;
      for (const [name, queue] of queues) review(name, queue);
    },
    setShare: (part) => {
      share = part;
      for (const { window } of queues.values()) window.setShare(part);
    },
  };
};
