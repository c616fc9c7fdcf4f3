import type { Knex } from 'knex';
import type { Instant } from '../../domain/time';

export type NeverStarted = {
  readonly jobId: string;
  readonly attempt: number;
  /** The one that is under way or lost. */
  readonly delivery: number;
  readonly queue: string;
  readonly dueAt: Instant;
  readonly maxLatenessMs?: number;
};
export type LiveAttempt = { readonly jobId: string; readonly attempt: number };
export type OrphanedAttempt = LiveAttempt & { readonly executorId: string };

/** What the rescuer looks for. All ages by the database clock; the oldest first. */
export type UnfinishedJobs = {
  /** Queued, and the last message for them was sent longer than `olderThanMs` ago. */
  readonly neverStarted: (olderThanMs: number, limit: number) => Promise<readonly NeverStarted[]>;
  /** Running for longer than their time limit and `graceMs`. */
  readonly overdue: (graceMs: number, limit: number) => Promise<readonly LiveAttempt[]>;
  /**
   * Running on an executor that has not beaten for `silentMs`, though beats could be heard all that
   * time. Empty while they cannot: an outage of the broker orphans nobody.
   */
  readonly orphaned: (silentMs: number, limit: number) => Promise<readonly OrphanedAttempt[]>;
  /** Running on this executor and asked to stop. */
  readonly abortRequested: (executorId: string) => Promise<readonly LiveAttempt[]>;
};

type Row = {
  readonly job_id: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly queue: string;
  readonly due_at: Date;
  readonly max_lateness_ms: string | null;
  readonly executor_id: string;
};

/** Heartbeats count as heard when the listener has said so this short ago. */
const CHANNEL_ALIVE_MS = 3_000;

const NEVER_STARTED = `
  select job_id, attempt, delivery, queue, due_at, max_lateness_ms from jobs
  where status = 'queued' and sent_at < now() - ? * interval '1 millisecond'
  order by sent_at limit ?`;

const OVERDUE = `
  select job_id, attempt from jobs
  where status = 'running' and started_at < now() - (timeout_ms + ?) * interval '1 millisecond'
  order by started_at limit ?`;

const ORPHANED = `
  select j.job_id, j.attempt, j.executor_id
  from heartbeat_channel h
  join jobs j on j.status = 'running'
  left join executors e on e.executor_id = j.executor_id
  where h.alive_at > now() - ${CHANNEL_ALIVE_MS} * interval '1 millisecond'
    and greatest(coalesce(e.last_beat_at, j.started_at), h.listening_since)
        < now() - ? * interval '1 millisecond'
  order by j.started_at limit ?`;

const ABORT_REQUESTED = `
  select job_id, attempt from jobs where status = 'running' and executor_id = ? and abort_requested`;

const neverStarted = (row: Row): NeverStarted => ({
  jobId: row.job_id,
  attempt: row.attempt,
  delivery: row.delivery,
  queue: row.queue,
  dueAt: row.due_at.getTime(),
  ...(row.max_lateness_ms !== null && { maxLatenessMs: Number(row.max_lateness_ms) }),
});

const liveAttempt = ({ job_id, attempt }: Row): LiveAttempt => ({ jobId: job_id, attempt });

export const unfinishedJobs = (db: Knex): UnfinishedJobs => {
  const rows = async (
    text: string,
    values: readonly (string | number)[],
  ): Promise<readonly Row[]> => (await db.raw<{ rows: readonly Row[] }>(text, [...values])).rows;
  return {
    neverStarted: async (olderThanMs, limit) =>
      (await rows(NEVER_STARTED, [olderThanMs, limit])).map(neverStarted),
    overdue: async (graceMs, limit) => (await rows(OVERDUE, [graceMs, limit])).map(liveAttempt),
    orphaned: async (silentMs, limit) =>
      (await rows(ORPHANED, [silentMs, limit])).map((row) => ({
        ...liveAttempt(row),
        executorId: row.executor_id,
      })),
    abortRequested: async (executorId) =>
      (await rows(ABORT_REQUESTED, [executorId])).map(liveAttempt),
  };
};
