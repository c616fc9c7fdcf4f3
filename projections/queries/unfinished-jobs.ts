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
   * Running on an executor that has not beaten for `silentMs`, though one gateway has listened all that
   * time. Empty while none can hear: an outage of the broker orphans nobody, nor does a frozen gateway.
   */
  readonly orphaned: (silentMs: number, limit: number) => Promise<readonly OrphanedAttempt[]>;
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

/**
 * The evidence is one gateway that has listened through all of the silence, and still does. Who holds anything
 * is found by skipping from one executor to the next in the index, so what runs elsewhere costs nothing.
 */
const ORPHANED = `
  with recursive holders (executor_id) as (
    (select executor_id from jobs where status = 'running' order by executor_id limit 1)
    union all
    select (select j.executor_id from jobs j
            where j.status = 'running' and j.executor_id > h.executor_id
            order by j.executor_id limit 1)
    from holders h where h.executor_id is not null
  ), hearing as materialized (
    select alive_at, listening_since from gateways
    where alive_at > now() - ${CHANNEL_ALIVE_MS} * interval '1 millisecond'
  ), silence as (select ? * interval '1 millisecond' as needed
  ), silent as materialized (
    select h.executor_id, e.last_beat_at
    from holders h left join executors e using (executor_id)
    where h.executor_id is not null and exists (
      select from hearing, silence
      where alive_at - greatest(e.last_beat_at, listening_since) > needed)
  )
  select j.job_id, j.attempt, s.executor_id
  from silent s cross join lateral (
    select * from jobs
    where status = 'running' and executor_id = s.executor_id and exists (
      select from hearing, silence
      where alive_at - greatest(coalesce(s.last_beat_at, started_at), listening_since) > needed)
  ) j
  order by j.started_at limit ?`;

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
  };
};
