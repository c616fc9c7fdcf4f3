import type { Knex } from 'knex';
import { isHeldBackReason, type HeldBack } from '../../domain/shares/held-back';
import { toTimestamp } from '../../domain/time';
import { STILL_HELD_BACK } from './dispatching/held-back';

/** A queue as it stands now, by the database clock. */
export type QueueState = {
  readonly queue: string;
  /** Executors that beat and can take jobs. */
  readonly executors: number;
  readonly queued: number;
  readonly running: number;
  /** How long the oldest job that should have started has waited; undefined when none waits. */
  readonly oldestWaitMs?: number;
  /** What holds back the queue as a whole. */
  readonly heldBack?: HeldBack;
  /** Owners who are held back in it. */
  readonly ownersHeldBack: number;
};

export type QueueStates = {
  /** Those that are held back and those that wait longest first. */
  readonly list: (limit: number) => Promise<readonly QueueState[]>;
};

/** Jobs counted at most, of each status: the look costs the same however many there are. */
const COUNTED_JOBS = 100_000;

type Row = {
  readonly queue: string;
  readonly executors: number;
  readonly queued: number;
  readonly running: number;
  readonly wait_ms: string | null;
  readonly reason: string | null;
  readonly since: Date | null;
  readonly owners: number;
};

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
    from held_back where ${STILL_HELD_BACK} group by queue)
  select queue, coalesce(executors, 0) as executors, coalesce(queued, 0) as queued,
         coalesce(running, 0) as running, coalesce(owners, 0) as owners,
         reason, queue_since as since,
         case when coalesce(oldest_due_at, since) is not null then
           floor(extract(epoch from clock_timestamp() - least(oldest_due_at, since, clock_timestamp()))
             * 1000)::bigint end as wait_ms
  from beating full join queued using (queue) full join running using (queue)
       full join held using (queue)
  order by reason is null, wait_ms desc nulls last, queue limit ?`;

const stateOf = (row: Row): QueueState => ({
  queue: row.queue,
  executors: row.executors,
  queued: row.queued,
  running: row.running,
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
    return rows.map(stateOf);
  },
});
