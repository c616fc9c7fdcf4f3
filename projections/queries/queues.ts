import type { Knex } from 'knex';
import { isHeldBackReason, type HeldBack } from '../../domain/shares/held-back';
import { toTimestamp } from '../../domain/time';
import { LANE, LANE_COUNT } from './dispatching/due-jobs';
import { STILL_HELD_BACK } from './dispatching/held-back';

/** A queue as it stands now, by the database clock. */
export type QueueState = {
  readonly queue: string;
  /** Executors that beat and can take jobs. */
  readonly executors: number;
  /** Due and not dispatched yet. */
  readonly backlog: number;
  readonly queued: number;
  readonly running: number;
  /** Of the last minute. */
  readonly startsPerSecond: number;
  /** Messages that may lie in it undelivered; undefined when no dispatcher has sent to it lately. */
  readonly budget?: number;
  /** How long the oldest job that should have started has waited; undefined when none waits. */
  readonly oldestWaitMs?: number;
  /** What holds back the queue as a whole. */
  readonly heldBack?: HeldBack;
  /** Owners who are held back in it. */
  readonly ownersHeldBack: number;
};

export type QueueStates = {
  /** Those that are held back and those that wait longest first. */
  readonly list: (limit: number) => Promise<{
    readonly queues: readonly QueueState[];
    /** So much is due that not all of it was counted: backlogs are at least what they say. */
    readonly isBacklogCut: boolean;
  }>;
};

/** Jobs counted at most, of each status: the look costs the same however many there are. */
const COUNTED_JOBS = 100_000;
/** The same of what is due, in each lane: one owner's pile hides no other lane. */
const COUNTED_OF_LANE = 5_000;
const RATE_SECONDS = 60;

type Row = {
  readonly queue: string;
  readonly executors: number;
  readonly backlog: number;
  readonly is_cut: boolean;
  readonly queued: number;
  readonly running: number;
  readonly starts: number;
  readonly budget: number | null;
  readonly wait_ms: string | null;
  readonly reason: string | null;
  readonly since: Date | null;
  readonly owners: number;
};

/** What is due is looked for as dispatchers do, by lane: behind a queue's name no index leads. */
const STATES = `
  with beating as (
    select queue, count(*)::integer as executors from executors
    where last_beat_at > clock_timestamp() - ? * interval '1 millisecond' and cannot_take is null
    group by queue),
  queued as (
    select queue, count(*)::integer as queued, min(due_at) as oldest_due_at
    from (select queue, due_at from jobs where status = 'queued' order by position
          limit ${COUNTED_JOBS}) counted group by queue),
  running as (
    select queue, count(*)::integer as running
    from (select queue from jobs where status = 'running' limit ${COUNTED_JOBS}) counted
    group by queue),
  held as (
    select queue, min(since) as since,
           min(reason) filter (where owner_id = '') as reason,
           min(since) filter (where owner_id = '') as queue_since,
           count(*) filter (where owner_id <> '')::integer as owners
    from held_back where ${STILL_HELD_BACK} group by queue),
  due as materialized (
    select lane, queue, count(*) as jobs, min(due_at) as due_at
    from generate_series(0, ${LANE_COUNT - 1}) as l (lane), lateral (
      select queue, due_at from due_jobs where ${LANE} = l.lane and due_at < now()
      order by due_at, job_id limit ${COUNTED_OF_LANE}) as counted
    group by lane, queue),
  backlog as (
    select queue, sum(jobs)::integer as backlog, min(due_at) as waits_since from due group by queue),
  started as (
    select queue, sum(starts)::integer as starts from queue_starts
    where at > now() - interval '${RATE_SECONDS} seconds' and at <= now() group by queue),
  budgets as (
    select queue, max(messages) as budget from queue_budgets
    where seen_at between now() - interval '10 seconds' and now() group by queue)
  select queue, coalesce(executors, 0) as executors, coalesce(backlog, 0) as backlog,
         coalesce(queued, 0) as queued, coalesce(running, 0) as running,
         coalesce(starts, 0) as starts, budget, coalesce(owners, 0) as owners,
         exists (select from due group by lane having sum(jobs) >= ${COUNTED_OF_LANE}) as is_cut,
         reason, queue_since as since,
         case when coalesce(oldest_due_at, waits_since, since) is not null then
           floor(extract(epoch from clock_timestamp()
             - least(oldest_due_at, waits_since, since, clock_timestamp())) * 1000)::bigint end as wait_ms
  from beating full join queued using (queue) full join running using (queue)
       full join held using (queue) full join backlog using (queue) full join started using (queue)
       left join budgets using (queue)
  order by reason is null, wait_ms desc nulls last, queue limit ?`;

const stateOf = (row: Row): QueueState => ({
  queue: row.queue,
  executors: row.executors,
  backlog: row.backlog,
  queued: row.queued,
  running: row.running,
  startsPerSecond: Math.round((row.starts / RATE_SECONDS) * 1_000) / 1_000,
  ...(row.budget !== null && { budget: row.budget }),
  ...(row.wait_ms !== null && { oldestWaitMs: Number(row.wait_ms) }),
  ...(row.reason !== null &&
    row.since !== null &&
    isHeldBackReason(row.reason) && {
      heldBack: { reason: row.reason, since: toTimestamp(row.since.getTime()) },
    }),
  ownersHeldBack: row.owners,
});

/** @param silentMs  after a silence of this long an executor no longer counts as beating */
export const queueStates = (db: Knex, silentMs: number): QueueStates => ({
  list: async (limit) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(STATES, [silentMs, limit]);
    return { queues: rows.map(stateOf), isBacklogCut: rows[0]?.is_cut ?? false };
  },
});
