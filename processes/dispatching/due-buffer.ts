import type { Instant } from '../../domain/time';
import type { DueRow } from '../../projections/queries/due-jobs';
import { jobDueHead, messageIdOf } from '../protocol/job-due';
import { dueHeap } from './due-heap';

/** A row waiting for its due time, its message written as far as it is known. */
export type WaitingJob = {
  readonly jobId: string;
  readonly dueAt: Instant;
  readonly attempt: number;
  readonly revision: bigint;
  readonly timeoutMs: number;
  readonly maxLatenessMs?: number;
  readonly slot: number;
  readonly queue: string;
  readonly messageId: string;
  readonly messageHead: string;
};

const waitingJob = (row: DueRow): WaitingJob => {
  const { jobId, dueAt, attempt, revision, timeoutMs, maxLatenessMs, slot, queue } = row;
  // one event at the row's revision has the next one
  const sent = { ...row, revision: revision + 1n };
  return {
    jobId,
    dueAt,
    attempt,
    revision,
    timeoutMs,
    ...(maxLatenessMs !== undefined && { maxLatenessMs }),
    slot,
    queue,
    messageId: messageIdOf(sent),
    messageHead: jobDueHead(sent),
  };
};

type Known = {
  readonly revision: bigint;
  readonly slot: number;
  /** Until it is dealt with; the very object, for a slot may be lost and won again with a copy of the row. */
  job: WaitingJob | undefined;
  /** The last sweep that saw the row, or that was under way when something happened to it. */
  sweep: number;
};

export type BufferLimits = { readonly maxRows: number; readonly maxChars: number };

/**
 * The rows of the near future by due time, and the memory of those already taken.
 *
 * A row stays in the read model until the projection has caught up with its dispatch; the memory keeps it
 * from being dispatched again, and is forgotten once a full sweep of the table no longer finds the row.
 */
export type DueBuffer = {
  /** False for a row that is known at this revision or a newer one, which is thereby seen by the sweep. */
  readonly isNews: (row: DueRow) => boolean;
  /** Takes in a row if it is news. */
  readonly offer: (row: DueRow) => void;
  readonly isFull: () => boolean;
  readonly nextDueAt: () => Instant | undefined;
  /** Takes the first row due at `now`; it stays known until `settle` and a sweep, or `release`. */
  readonly take: (now: Instant) => WaitingJob | undefined;
  /** Puts back a row that came too early. */
  readonly putBack: (job: WaitingJob) => void;
  /** The row has been dealt with. */
  readonly settle: (job: WaitingJob) => void;
  /** The row could not be dealt with: the next sweep offers it again. */
  readonly release: (job: WaitingJob) => void;
  /** Forgets rows outside the slots that are held. */
  readonly keepSlots: (isHeld: (slot: number) => boolean) => void;
  readonly beginSweep: () => void;
  /** Only after a sweep that looked at every row there is. */
  readonly endSweep: () => void;
  readonly waiting: () => number;
  readonly remembered: () => number;
};

export const dueBuffer = ({ maxRows, maxChars }: BufferLimits): DueBuffer => {
  const heap = dueHeap<WaitingJob>();
  const known = new Map<string, Known>();
  let sweep = 0;
  let chars = 0;

  const entryOf = (job: WaitingJob): Known | undefined => {
    const entry = known.get(job.jobId);
    return entry?.job === job ? entry : undefined;
  };
  const push = (job: WaitingJob): void => {
    heap.push(job);
    chars += job.messageHead.length;
  };
  const pop = (): WaitingJob | undefined => {
    const job = heap.pop();
    chars -= job?.messageHead.length ?? 0;
    return job;
  };
  /** Drops what was superseded by a newer revision or lost with its slot while it waited. */
  const first = (): WaitingJob | undefined => {
    for (;;) {
      const job = heap.peek();
      if (job === undefined || entryOf(job)) return job;
      pop();
    }
  };
  const isNews = (row: DueRow): boolean => {
    const entry = known.get(row.jobId);
    if (!entry || entry.revision < row.revision) return true;
    entry.sweep = sweep;
    return false;
  };

  return {
    isNews,
    offer: (row) => {
      if (!isNews(row)) return;
      const job = waitingJob(row);
      known.set(row.jobId, { revision: row.revision, slot: row.slot, job, sweep });
      push(job);
    },
    isFull: () => heap.size() >= maxRows || chars >= maxChars,
    nextDueAt: () => first()?.dueAt,
    take: (now) => {
      const job = first();
      return job !== undefined && job.dueAt <= now ? pop() : undefined;
    },
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
    keepSlots: (isHeld) => {
      for (const [jobId, { slot }] of known) if (!isHeld(slot)) known.delete(jobId);
    },
    beginSweep: () => {
      sweep += 1;
    },
    endSweep: () => {
      for (const [jobId, entry] of known)
        if (entry.job === undefined && entry.sweep < sweep) known.delete(jobId);
    },
    waiting: () => heap.size(),
    remembered: () => known.size,
  };
};
