import type { HeldBackReason } from '../../../domain/shares/held-back';
import type { Instant } from '../../../domain/time';
import type { Holds } from './holds';
import { dueHeap, type DueHeap } from '../due-heap';
import type { WaitingJob } from './waiting-job';

/** What waits though it is due: a whole queue, or one owner in it. */
export type Held = {
  readonly queue: string;
  /** Empty for all owners of the queue. */
  readonly ownerId: string;
  readonly reason: HeldBackReason;
  /** Due time of the first job that waits for it. */
  readonly since: Instant;
};

/** The jobs that are due, in the order in which they get their turn. */
export type Turns = {
  readonly add: (job: WaitingJob) => void;
  /**
   * The next job: queues take turns, in a queue its owners do, and an owner's jobs come oldest due first. Passes
   * over what is held; undefined when nothing may start now.
   */
  readonly take: () => WaitingJob | undefined;
  /** What was held is asked about again. */
  readonly reconsider: () => void;
  /** What waits since before `dueBefore`, and why; the jobs of an owner beyond his turn as well. */
  readonly held: (dueBefore: Instant) => readonly Held[];
};

type Owner = {
  readonly jobs: DueHeap<WaitingJob>;
  turn: number;
  heldBy: HeldBackReason | undefined;
};
type Queue = {
  /** In the order of their turns: a Map keeps the order of insertion. */
  readonly owners: Map<string, Owner>;
  readonly heldOwners: Map<string, Owner>;
  heldBy: HeldBackReason | undefined;
};

/** Moves the first to the end. */
const rotate = <Value>(ring: Map<string, Value>, key: string, value: Value): void => {
  ring.delete(key);
  ring.set(key, value);
};

const ownersOf = ({ heldOwners, owners }: Queue): readonly (readonly [string, Owner])[] => [
  ...heldOwners,
  ...owners,
];

const oldest = (owners: readonly (readonly [string, Owner])[]): Instant =>
  owners.reduce((least, [, { jobs }]) => Math.min(least, jobs.peek()?.dueAt ?? least), Infinity);

const heldIn = (name: string, queue: Queue, dueBefore: Instant): readonly Held[] => {
  const since = oldest(ownersOf(queue));
  if (since >= dueBefore) return [];
  if (queue.heldBy !== undefined)
    return [{ queue: name, ownerId: '', reason: queue.heldBy, since }];
  return ownersOf(queue).flatMap(([ownerId, { jobs, heldBy }]) => {
    const own = jobs.peek()?.dueAt ?? Infinity;
    if (own >= dueBefore) return [];
    return [{ queue: name, ownerId, reason: heldBy ?? ('owner-turn' as const), since: own }];
  });
};

const freshQueue = (): Queue => ({ owners: new Map(), heldOwners: new Map(), heldBy: undefined });

const freshOwner = (): Owner => ({ jobs: dueHeap<WaitingJob>(), turn: 0, heldBy: undefined });

/**
 * @param isCurrent  false for a job that was superseded while it waited: it is dropped
 * @param drop       told of each job that leaves, taken or dropped
 */
export const turns = (
  holds: Holds,
  isCurrent: (job: WaitingJob) => boolean,
  drop: (job: WaitingJob) => void,
): Turns => {
  const queues = new Map<string, Queue>();
  const heldQueues = new Map<string, Queue>();

  const first = ({ jobs }: Owner): WaitingJob | undefined => {
    for (let job = jobs.peek(); job; job = jobs.peek()) {
      if (isCurrent(job)) return job;
      jobs.pop();
      drop(job);
    }
    return undefined;
  };

  const takeOf = (name: string, queue: Queue): WaitingJob | undefined => {
    for (const [ownerId, owner] of queue.owners) {
      const job = first(owner);
      if (!job) {
        queue.owners.delete(ownerId);
        continue;
      }
      owner.heldBy = holds.ofOwner(name, ownerId, owner.jobs.size());
      if (owner.heldBy !== undefined) {
        queue.owners.delete(ownerId);
        queue.heldOwners.set(ownerId, owner);
        continue;
      }
      owner.jobs.pop();
      drop(job);
      owner.turn += 1;
      if (owner.jobs.size() === 0) queue.owners.delete(ownerId);
      else if (owner.turn >= holds.weightOf(ownerId)) {
        owner.turn = 0;
        rotate(queue.owners, ownerId, owner);
      }
      return job;
    }
    return undefined;
  };

  return {
    add: (job) => {
      const queue = queues.get(job.queue) ?? heldQueues.get(job.queue) ?? freshQueue();
      // one whose owners are held, and not itself, has something to give again
      if (queue.heldBy === undefined) heldQueues.delete(job.queue);
      if (!heldQueues.has(job.queue)) queues.set(job.queue, queue);
      const { owners, heldOwners } = queue;
      const owner = owners.get(job.ownerId) ?? heldOwners.get(job.ownerId) ?? freshOwner();
      owner.jobs.push(job);
      if (!heldOwners.has(job.ownerId)) owners.set(job.ownerId, owner);
    },
    take: () => {
      for (const [name, queue] of queues) {
        queue.heldBy = holds.ofQueue(name);
        if (queue.heldBy !== undefined) {
          queues.delete(name);
          heldQueues.set(name, queue);
          continue;
        }
        const job = takeOf(name, queue);
        if (job) {
          rotate(queues, name, queue);
          return job;
        }
        queues.delete(name);
        if (queue.heldOwners.size > 0) heldQueues.set(name, queue);
      }
      return undefined;
    },
    reconsider: () => {
      for (const [name, queue] of [...heldQueues, ...queues]) {
        queue.heldBy = undefined;
        for (const [ownerId, owner] of queue.heldOwners) queue.owners.set(ownerId, owner);
        queue.heldOwners.clear();
        queues.set(name, queue);
      }
      heldQueues.clear();
    },
    held: (dueBefore) =>
      [...heldQueues, ...queues].flatMap(([name, queue]) => heldIn(name, queue, dueBefore)),
  };
};
