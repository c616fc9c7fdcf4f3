import type { Instant } from '../../domain/time';
import type { DueRow, Flow } from '../../projections/queries/dispatching/due-jobs';
import { dueHeap } from './due-heap';
import { memoryShares, type BufferLimits } from './memory-shares';
import type { Holds } from './shares/holds';
import { turns, type Held } from './shares/turns';
import { waitingJob, type WaitingJob } from './shares/waiting-job';

type Known = {
  readonly revision: bigint;
  readonly shard: number;
  /** Until it is dealt with; the very object, for a shard may be lost and won again with a copy of the row. */
  job: WaitingJob | undefined;
  /** The last sweep that saw the row, or that was under way when something happened to it. */
  sweep: number;
};

/**
 * The rows of the near future by due time, those that are due in the order of their turns, and the memory of
 * those already taken.
 *
 * A row stays in the read model until the projection has caught up with its dispatch; the memory keeps it
 * from being dispatched again, and is forgotten once a full sweep of the table no longer finds the row.
 */
export type DueBuffer = {
  /** False for a row that is known at this revision or a newer one, which is thereby seen by the sweep. */
  readonly isNews: (row: Pick<DueRow, 'jobId' | 'revision'>) => boolean;
  /** Takes in a row if it is news. @returns false when its owner's share of the memory is full: nothing was changed */
  readonly offer: (row: DueRow) => boolean;
  readonly isFull: () => boolean;
  /** Whether an owner whose share was full has let go of half of it. */
  readonly hasRoomFor: (flow: Flow) => boolean;
  /** When the next row becomes due; those that are due already and held are not told. */
  readonly nextDueAt: () => Instant | undefined;
  /** Takes a row due at `now` whose turn it is; it stays known until `settle` and a sweep, or `release`. */
  readonly take: (now: Instant) => WaitingJob | undefined;
  /** What was held is asked about again at the next `take`. */
  readonly reconsider: () => void;
  /** What is due since before `dueBefore`, and why it waits. */
  readonly held: (dueBefore: Instant) => readonly Held[];
  /** Puts back a row that came too early. */
  readonly putBack: (job: WaitingJob) => void;
  /** The row has been dealt with. */
  readonly settle: (job: WaitingJob) => void;
  /** The row could not be dealt with: the next sweep offers it again. */
  readonly release: (job: WaitingJob) => void;
  /** Forgets rows outside the shards that are held. */
  readonly keepShards: (isHeld: (shard: number) => boolean) => void;
  readonly beginSweep: () => void;
  /** Only after a sweep that looked at every row there is. */
  readonly endSweep: () => void;
  readonly waiting: () => number;
  readonly remembered: () => number;
};

export const dueBuffer = (limits: BufferLimits, holds: Holds): DueBuffer => {
  const heap = dueHeap<WaitingJob>();
  const known = new Map<string, Known>();
  const memory = memoryShares(limits);
  let sweep = 0;

  const entryOf = (job: WaitingJob): Known | undefined => {
    const entry = known.get(job.jobId);
    return entry?.job === job ? entry : undefined;
  };
  const push = (job: WaitingJob): void => {
    heap.push(job);
    memory.enter(job);
  };
  const due = turns(holds, (job) => entryOf(job) !== undefined, memory.leave);

  /** Drops what was superseded by a newer revision or lost with its shard while it waited. */
  const first = (): WaitingJob | undefined => {
    for (;;) {
      const job = heap.peek();
      if (job === undefined || entryOf(job)) return job;
      heap.pop();
      memory.leave(job);
    }
  };
  const isNews = (row: Pick<DueRow, 'jobId' | 'revision'>): boolean => {
    const entry = known.get(row.jobId);
    if (!entry || entry.revision < row.revision) return true;
    entry.sweep = sweep;
    return false;
  };
  return {
    isNews,
    offer: (row) => {
      if (!isNews(row)) return true;
      if (memory.usedPart(row) >= 1) return false;
      const job = waitingJob(row);
      known.set(row.jobId, { revision: row.revision, shard: row.shard, job, sweep });
      push(job);
      return true;
    },
    isFull: memory.isFull,
    hasRoomFor: (flow) => memory.usedPart(flow) < 0.5,
    nextDueAt: () => first()?.dueAt,
    take: (now) => {
      for (let job = first(); job && job.dueAt <= now; job = first()) {
        heap.pop();
        due.add(job);
      }
      return due.take();
    },
    reconsider: due.reconsider,
    held: due.held,
    putBack: (job) => {
      if (entryOf(job)) push(job);
    },
    settle: (job) => {
      const entry = entryOf(job);
      if (!entry) return;
      entry.job = undefined;
      entry.sweep = sweep;
    },
    release: (job) => {
      if (entryOf(job)) known.delete(job.jobId);
    },
    keepShards: (isHeld) => {
      for (const [jobId, { shard }] of known) if (!isHeld(shard)) known.delete(jobId);
    },
    beginSweep: () => {
      sweep += 1;
    },
    endSweep: () => {
      for (const [jobId, entry] of known)
        if (entry.job === undefined && entry.sweep < sweep) known.delete(jobId);
    },
    waiting: memory.rows,
    remembered: () => known.size,
  };
};
