import type { Knex } from 'knex';
import type { DueJob } from '../../../domain/job/due-job';
import { toTimestamp, type Instant } from '../../../domain/time';
import { storedDueJob, type DueJobRow, type StoredDueJob } from '../due-job-row';

/** A scheduled job with all that its dispatch and its message need. */
export type DueRow = StoredDueJob & {
  readonly shard: number;
  /** Of its queue and owner. */
  readonly lane: number;
};

/** Owners of a queue whose rows are read behind one another, 0 to LANE_COUNT - 1. */
export const LANE_COUNT = 32;
/** The lane of a row of due_jobs, as its index has it. */
export const LANE = `(hashtextextended(queue || '/' || owner_id, 0) & ${LANE_COUNT - 1})`;

/** The place of a row in the order of (dueAt, jobId). */
export type DueCursor = Pick<DueJob, 'dueAt' | 'jobId'>;

/** A part of one lane. */
export type LaneSpan = {
  readonly lane: number;
  /** Exclusive. */
  readonly after?: DueCursor;
  /** Inclusive. */
  readonly dueUpTo: Instant;
  /** The last one of those that are due then, inclusive; absent: all of them. */
  readonly jobUpTo?: string;
};

/** As much of a row as tells whether it is known. */
export type DueGlance = Pick<DueRow, 'jobId' | 'dueAt' | 'lane' | 'revision'>;

/** Consecutive shards, both ends included: one query each. */
export type ShardRange = { readonly from: number; readonly to: number };

export type DueQuery = {
  readonly spans: readonly LaneSpan[];
  readonly shards: readonly ShardRange[];
  /** Inclusive. */
  readonly positionFrom?: bigint;
  /** Rows of each span. */
  readonly limit: number;
};

/** Owner and queue: jobs that share the turns of one owner. */
export type Flow = { readonly queue: string; readonly ownerId: string };

export type OthersQuery = LaneSpan & {
  readonly shards: readonly ShardRange[];
  /** Whose rows are passed over. */
  readonly passing: readonly Flow[];
  /** Rows looked at, and rows given. */
  readonly scanLimit: number;
  readonly limit: number;
};

export type DueJobs = {
  /** Span by span, each in the order of (dueAt, jobId); costs by the rows given, however many are due. */
  readonly find: (query: DueQuery) => Promise<readonly DueRow[]>;
  /** The same rows at a tenth of the cost. */
  readonly glance: (query: DueQuery) => Promise<readonly DueGlance[]>;
  /** Those of the rows that are still there, in any order. */
  readonly findThese: (rows: readonly DueCursor[]) => Promise<readonly DueRow[]>;
  /** The rows of a lane but for those of some flows. @returns the last row looked at; none at the end of the span */
  readonly findOthers: (
    query: OthersQuery,
  ) => Promise<{ readonly rows: readonly DueRow[]; readonly lookedUpTo?: DueCursor }>;
  /** The database clock, cut to the millisecond: never ahead of it. */
  readonly databaseNow: () => Promise<Instant>;
};

type Row = DueJobRow & { readonly slot: number; readonly lane: number };

const dueRow = (row: Row): DueRow => ({
  ...storedDueJob(row),
  shard: row.slot,
  lane: row.lane,
});

type Value = string | number | string[] | number[];
type Part = { readonly text: string; readonly values: readonly Value[] };

const COLUMNS = `d.job_id, d.due_at, d.slot, l.lane, d.attempt, d.revision, d.position, d.timeout_ms,
  d.max_lateness_ms, d.owner_id, d.name, d.location, d.queue, d.payload::text as payload`;

const GLANCED_COLUMNS = 'd.job_id, d.due_at, l.lane, d.revision';

const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000';
/** Sorts after every job id: a cursor that has it stands behind all rows of its due time. */
export const AFTER_ALL_IDS = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Before every due time; `-infinity` would leave no partition out. */
const BEFORE_ALL: DueCursor = { dueAt: 0, jobId: BEFORE_ALL_IDS };

/** Nothing when all shards are asked for: the usual case, and one comparison a row less. */
const inShards = (shards: readonly ShardRange[]): Part => {
  const [first] = shards;
  if (!first) return { text: 'and false', values: [] };
  if (first.from === 0 && first.to === 255) return { text: '', values: [] };
  return {
    text: `and (${shards.map(() => 'slot between ? and ?').join(' or ')})`,
    values: shards.flatMap(({ from, to }) => [from, to]),
  };
};

/**
 * The statement has no name, so it is planned with its values: bounds of `due_at` that are constants keep all
 * partitions but one or two out of the plan. Each lane is one descent of the index; the limit alone is hidden from the
 * planner, which else expects fewer rows than that in a lane of tens of thousands, and reads and sorts all of them.
 */
export const dueStatement = (
  { spans, shards, positionFrom, limit }: DueQuery,
  columns = COLUMNS,
): Part => {
  const starts = spans.map(({ after = BEFORE_ALL }) => after);
  const shardPart = inShards(shards);
  return {
    text: `
      select ${columns}
      from unnest(?::integer[], ?::timestamptz[], ?::uuid[], ?::timestamptz[], ?::uuid[])
        as l (lane, after_due_at, after_job_id, due_up_to, job_up_to)
      cross join lateral (
        select * from due_jobs
        where ${LANE} = l.lane and due_at >= ? and due_at <= ?
          and (due_at, job_id) <= (l.due_up_to, l.job_up_to)
          and (due_at, job_id) > (l.after_due_at, l.after_job_id)
          ${positionFrom === undefined ? '' : 'and position >= ?'} ${shardPart.text}
        order by due_at, job_id limit (select ?::integer)) d`,
    values: [
      spans.map(({ lane }) => lane),
      starts.map(({ dueAt }) => toTimestamp(dueAt)),
      starts.map(({ jobId }) => jobId),
      spans.map(({ dueUpTo }) => toTimestamp(dueUpTo)),
      spans.map(({ jobUpTo = AFTER_ALL_IDS }) => jobUpTo),
      toTimestamp(Math.min(...starts.map(({ dueAt }) => dueAt))),
      toTimestamp(Math.max(...spans.map(({ dueUpTo }) => dueUpTo))),
      ...(positionFrom === undefined ? [] : [String(positionFrom)]),
      ...shardPart.values,
      limit,
    ],
  };
};

/** Looks at keys first: of most rows no more is wanted. */
const othersStatement = (query: OthersQuery): Part => {
  const { lane, after = BEFORE_ALL, dueUpTo, jobUpTo = AFTER_ALL_IDS } = query;
  const { passing, shards, scanLimit, limit } = query;
  const shardPart = inShards(shards);
  return {
    text: `
      with scanned as materialized (
        select job_id, due_at, owner_id, queue, row_number() over (order by due_at, job_id) as place
        from due_jobs
        where ${LANE} = ? and due_at >= ? and due_at <= ? and (due_at, job_id) > (?::timestamptz, ?::uuid)
          and (due_at, job_id) <= (?::timestamptz, ?::uuid) ${shardPart.text}
        order by due_at, job_id limit ?),
      found as (
        select * from scanned s
        where not exists (
          select from unnest(?::text[], ?::text[]) as p (queue, owner_id)
          where p.queue = s.queue and p.owner_id = s.owner_id)
        order by place limit ?),
      ending as (
        select case when (select count(*) from found) = ? then (select max(place) from found)
                    when (select count(*) from scanned) = ? then (select max(place) from scanned) end as place)
      select ${COLUMNS}, (select due_at from scanned join ending using (place)) as looked_due_at,
             (select job_id from scanned join ending using (place)) as looked_job_id
      from (select 1) one
      left join found f on true
      left join due_jobs d on d.job_id = f.job_id and d.due_at = f.due_at and d.due_at >= ? and d.due_at <= ?
      cross join (select ?::integer as lane) l
      order by f.place`,
    values: [
      ...[lane, toTimestamp(after.dueAt), toTimestamp(dueUpTo)],
      ...[toTimestamp(after.dueAt), after.jobId, toTimestamp(dueUpTo), jobUpTo],
      ...shardPart.values,
      scanLimit,
      passing.map(({ queue }) => queue),
      passing.map(({ ownerId }) => ownerId),
      ...[limit, limit, scanLimit],
      ...[toTimestamp(after.dueAt), toTimestamp(dueUpTo), lane],
    ],
  };
};

const THESE = `
  select ${COLUMNS}
  from unnest(?::uuid[], ?::timestamptz[]) as w (job_id, due_at)
  join due_jobs d on d.job_id = w.job_id and d.due_at = w.due_at and d.due_at >= ? and d.due_at <= ?
  cross join lateral (select ${LANE}::integer as lane) l`;

type GlancedRow = Pick<Row, 'job_id' | 'due_at' | 'lane' | 'revision'>;
type OthersRow = Row & { readonly looked_due_at: Date | null; readonly looked_job_id: string };

export const dueJobs = (db: Knex): DueJobs => ({
  find: async (query) => {
    if (query.spans.length === 0) return [];
    const { text, values } = dueStatement(query);
    const { rows } = await db.raw<{ rows: readonly Row[] }>(text, [...values]);
    return rows.map(dueRow);
  },
  glance: async (query) => {
    if (query.spans.length === 0) return [];
    const { text, values } = dueStatement(query, GLANCED_COLUMNS);
    const { rows } = await db.raw<{ rows: readonly GlancedRow[] }>(text, [...values]);
    return rows.map(({ job_id, due_at, lane, revision }) => ({
      jobId: job_id,
      dueAt: due_at.getTime(),
      lane,
      revision: BigInt(revision),
    }));
  },
  findThese: async (wanted) => {
    if (wanted.length === 0) return [];
    const dueAts = wanted.map(({ dueAt }) => dueAt);
    const { rows } = await db.raw<{ rows: readonly Row[] }>(THESE, [
      wanted.map(({ jobId }) => jobId),
      dueAts.map(toTimestamp),
      toTimestamp(Math.min(...dueAts)),
      toTimestamp(Math.max(...dueAts)),
    ]);
    return rows.map(dueRow);
  },
  findOthers: async (query) => {
    const { text, values } = othersStatement(query);
    const { rows } = await db.raw<{ rows: readonly OthersRow[] }>(text, [...values]);
    const [first] = rows;
    const found = rows.filter(({ job_id }: { job_id: string | null }) => job_id !== null);
    return {
      rows: found.map(dueRow),
      ...(first?.looked_due_at && {
        lookedUpTo: { dueAt: first.looked_due_at.getTime(), jobId: first.looked_job_id },
      }),
    };
  },
  databaseNow: async () => {
    const { rows } = await db.raw<{ rows: readonly { readonly now: string }[] }>(
      `select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
    );
    return Number(rows[0]?.now);
  },
});
