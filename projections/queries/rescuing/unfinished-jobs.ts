import type { Knex } from 'knex';

export type LiveAttempt = { readonly jobId: string; readonly attempt: number };
export type OverdueAttempt = LiveAttempt & {
  /** Of the event that the row comes from: where the next page goes on. */
  readonly position: bigint;
  /** For how long the attempt has run, at least. */
  readonly ageMs: number;
};
/** Events after `after` up to `upTo` are at least `ageMs` old. */
export type AgeBand = { readonly after: bigint; readonly upTo: bigint; readonly ageMs: number };
export type OrphanedAttempt = LiveAttempt & { readonly executorId: string };

/** What the rescuer looks for among running jobs; the oldest first. */
export type UnfinishedJobs = {
  /** Running for longer than their time limit and `graceMs`, by the ages that are told; after a position, a page. */
  readonly overdue: (
    bands: readonly AgeBand[],
    graceMs: number,
    after: bigint,
    limit: number,
  ) => Promise<readonly OverdueAttempt[]>;
  /**
   * Running on an executor that has not beaten for `silentMs`, though one gateway has listened all that
   * time. Empty while none can hear: an outage of the broker orphans nobody, nor does a frozen gateway.
   */
  readonly orphaned: (silentMs: number, limit: number) => Promise<readonly OrphanedAttempt[]>;
};

type Row = {
  readonly job_id: string;
  readonly attempt: number;
  readonly position: string;
  readonly age_ms: string;
  readonly executor_id: string;
};

/** Heartbeats count as heard when the listener has said so this short ago. */
const CHANNEL_ALIVE_MS = 3_000;

/** A band at a time by the index, which has the time limits: only what is over its limit is looked at. */
const OVERDUE = `
  select j.job_id, j.attempt, j.position, b.age_ms
  from unnest(?::bigint[], ?::bigint[], ?::bigint[]) as b(after, up_to, age_ms)
  cross join lateral (
    select job_id, attempt, position from jobs
    where status = 'running' and position > greatest(b.after, ?::bigint) and position <= b.up_to
      and timeout_ms <= b.age_ms - ?
    order by position limit ?) j
  order by j.position limit ?`;

/**
 * The evidence is one gateway that has listened through all of the silence, and still does. Who holds anything
 * is found by skipping from one executor to the next in the index, so what runs elsewhere costs nothing. What was
 * heard in a time to come is no evidence: the clock was set back since.
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
      and alive_at <= clock_timestamp()
  ), silence as (select ? * interval '1 millisecond' as needed
  ), silent as materialized (
    select h.executor_id, e.last_beat_at
    from holders h left join executors e
      on e.executor_id = h.executor_id and e.last_beat_at <= clock_timestamp()
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

const liveAttempt = ({ job_id, attempt }: Row): LiveAttempt => ({ jobId: job_id, attempt });

export const unfinishedJobs = (db: Knex): UnfinishedJobs => {
  const rows = async (
    text: string,
    values: readonly (string | number | string[])[],
  ): Promise<readonly Row[]> => (await db.raw<{ rows: readonly Row[] }>(text, [...values])).rows;
  return {
    overdue: async (bands, graceMs, after, limit) => {
      const values = [
        bands.map((band) => String(band.after)),
        bands.map(({ upTo }) => String(upTo)),
        bands.map(({ ageMs }) => String(ageMs)),
        ...[String(after), graceMs, limit, limit],
      ];
      return (await rows(OVERDUE, values)).map((row) => ({
        ...liveAttempt(row),
        position: BigInt(row.position),
        ageMs: Number(row.age_ms),
      }));
    },
    orphaned: async (silentMs, limit) =>
      (await rows(ORPHANED, [silentMs, limit])).map((row) => ({
        ...liveAttempt(row),
        executorId: row.executor_id,
      })),
  };
};
