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
    abortRequested: async (executorId) =>
      (await rows(ABORT_REQUESTED, [executorId])).map(liveAttempt),
  };
};
