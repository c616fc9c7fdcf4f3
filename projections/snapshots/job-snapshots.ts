import type { Knex } from 'knex';
import type { LeanJob } from '../../domain/audit/job-fold';
import type { Instant } from '../../domain/time';
import type { LogMark } from '../reading/log-place';
import { thinSnapshots } from './thin-snapshots';
import { storedMark, type StoredMark } from '../stored-mark';
import { plainArray, textArray } from '../writing/unnest';

/** A job as it stood somewhere in the log. */
export type Snapshot = {
  readonly job: LeanJob;
  /** The latest time that any of its events so far was recorded at. */
  readonly newestAt: Instant;
};

export type Block = {
  /** Where the one before ends. */
  readonly previous: bigint | 'start';
  readonly end: LogMark;
  /** No event up to its end was recorded later; never less than in the block before. */
  readonly newestAt: Instant;
  /** The earliest time that any of its own events says it was recorded at. */
  readonly oldestAt: Instant;
  readonly events: number;
  /** Of the data of its events. */
  readonly bytes: number;
  /** Of the jobs that changed in it. */
  readonly jobs: ReadonlyMap<string, Snapshot>;
};

export type SnapshotHead = Pick<Block, 'end' | 'newestAt'>;

export type SnapshotStore = {
  /** The newest block; undefined before the first. */
  readonly head: () => Promise<SnapshotHead | undefined>;
  /** The newest snapshot of each of the jobs that has one. */
  readonly newestOf: (jobIds: readonly string[]) => Promise<ReadonlyMap<string, Snapshot>>;
  /** All of the block or nothing. @throws BlockTaken */
  readonly write: (block: Block) => Promise<void>;
  /** Forgets all of it, as before the first block. */
  readonly clear: () => Promise<void>;
  /** Joins old blocks. @returns whether there may be more to join */
  readonly thin: (now: Instant) => Promise<boolean>;
};

/** Another writer has gone on from the same block: read the head again. */
export class BlockTaken extends Error {
  override readonly name = 'BlockTaken';
}

/** Position of a chain without a block. */
const NO_BLOCK = -1n;

/** Revisions are numbers here: a stream never has so many events that one would not be exact. */
const asNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value;

const encodeJob = (job: LeanJob): string => JSON.stringify(job, asNumbers);

const REVISIONS: ReadonlySet<string> = new Set(['revision', 'dispatchedAtRevision', 'token']);

const withRevisions = (record: object): object =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]: [string, unknown]) => [
      key,
      REVISIONS.has(key) && typeof value === 'number' ? BigInt(value) : value,
    ]),
  );

/** Reads what `encodeJob` wrote: errors and tags of a user pass as they are, whatever their keys are called. */
const decodeJob = (text: string): LeanJob => {
  const stored = JSON.parse(text) as { readonly endedAttempt?: object };
  const { endedAttempt } = stored;
  // only jobs are encoded
  return withRevisions({
    ...stored,
    ...(endedAttempt && { endedAttempt: withRevisions(endedAttempt) }),
  }) as LeanJob;
};

type Row = { readonly job_id: string; readonly newest_at_ms: string; readonly state: string };

export const snapshotOf = ({ newest_at_ms, state }: Omit<Row, 'job_id'>): Snapshot => ({
  job: decodeJob(state),
  newestAt: Number(newest_at_ms),
});

/** One statement, so that it is all there or not; the block goes first, and nothing is written when it is taken. */
const WRITE = `
  with block as (
    insert into snapshot_blocks (end_position, end_prepare, end_event_id, previous_position, newest_at_ms,
                                 oldest_at_ms, events, bytes)
    select ?, ?, ?, ?, ?, ?, ?, ?
    where (select coalesce(max(end_position), ${NO_BLOCK}) from snapshot_blocks) = ?
    returning end_position
  ), written as (
    insert into job_snapshots (job_id, block_end, owner_id, newest_at_ms, state)
    select c.job_id, block.end_position, c.owner_id, c.newest_at_ms, c.state
    from block, unnest(?::uuid[], ?::text[], ?::bigint[], ?::text[]) as c(job_id, owner_id, newest_at_ms, state)
  )
  select count(*)::integer as blocks from block`;

const UNIQUE_VIOLATION = '23505';

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;

const valuesOf = ({
  previous,
  end,
  newestAt,
  oldestAt,
  events,
  bytes,
  jobs,
}: Block): (string | null)[] => {
  // in the order of the index, whose pages are then touched one after the other
  const rows = [...jobs].sort(([a], [b]) => (a < b ? -1 : 1));
  const from = String(previous === 'start' ? NO_BLOCK : previous);
  return [
    ...[String(end.position), end.prepare?.toString() ?? null, end.eventId ?? null],
    ...[from, newestAt, oldestAt, events, bytes, from].map(String),
    plainArray(rows.map(([jobId]) => jobId)),
    textArray(rows.map(([, { job }]) => job.definition.ownerId)),
    plainArray(rows.map(([, snapshot]) => snapshot.newestAt)),
    textArray(rows.map(([, { job }]) => encodeJob(job))),
  ];
};

type HeadRow = StoredMark & { readonly newest_at_ms: string };

const HEAD = `
  select end_position as position, end_prepare as prepare, end_event_id as event_id, newest_at_ms
  from snapshot_blocks order by end_position desc limit 1`;

export const snapshotStore = (db: Pick<Knex, 'raw' | 'transaction'>): SnapshotStore => ({
  thin: (now) => thinSnapshots(db, now),

  head: async () => {
    const { rows } = await db.raw<{ rows: readonly HeadRow[] }>(HEAD);
    const [row] = rows;
    const end = row && storedMark(row);
    return end && { end, newestAt: Number(row.newest_at_ms) };
  },

  clear: async () => {
    await db.transaction(async (tx) => {
      await tx.raw('delete from snapshot_blocks'); // first: whoever writes a block waits here
      await tx.raw('delete from job_snapshots');
    });
  },

  newestOf: async (jobIds) => {
    if (jobIds.length === 0) return new Map();
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select s.job_id, s.newest_at_ms, s.state
       from unnest(?::uuid[]) as asked(job_id) cross join lateral (
         select * from job_snapshots where job_id = asked.job_id order by block_end desc limit 1
       ) s`,
      [plainArray(jobIds)],
    );
    return new Map(rows.map((row) => [row.job_id, snapshotOf(row)]));
  },

  write: async (block) => {
    try {
      const { rows } = await db.raw<{ rows: readonly { readonly blocks: number }[] }>(
        WRITE,
        valuesOf(block),
      );
      if (rows[0]?.blocks === 1) return;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    throw new BlockTaken(`another writer has gone on from position ${block.previous}`);
  },
});
