import type { Knex } from 'knex';
import type { Json } from '../../domain/job/events';
import { toTimestamp, type Instant } from '../../domain/time';
import { parseJson } from './job-row';

/** A scheduled job with all that its dispatch and its JobDue message need. */
export type DueRow = {
  readonly jobId: string;
  readonly dueAt: Instant;
  readonly slot: number;
  readonly attempt: number;
  readonly revision: bigint;
  /** Log position of the event that made it wait for this due time. */
  readonly position: bigint;
  readonly timeoutMs: number;
  readonly maxLatenessMs?: number;
  readonly ownerId: string;
  readonly name: string;
  readonly location: string;
  readonly queue: string;
  readonly payload?: Json;
};

export type DueQuery = {
  /** Both inclusive. */
  readonly slotFrom: number;
  readonly slotTo: number;
  /** Exclusive. */
  readonly dueAfter?: Instant;
  /** Inclusive. */
  readonly dueUpTo: Instant;
  /** Inclusive. */
  readonly positionFrom?: bigint;
  /** The last row of the page before. */
  readonly after?: { readonly dueAt: Instant; readonly jobId: string };
  readonly limit: number;
};

export type DueJobs = {
  /** In the order of (dueAt, jobId). */
  readonly find: (query: DueQuery) => Promise<readonly DueRow[]>;
  /** The database clock, cut to the millisecond: never ahead of it. */
  readonly databaseNow: () => Promise<Instant>;
};

type Row = {
  readonly job_id: string;
  readonly due_at: Date;
  readonly slot: number;
  readonly attempt: number;
  readonly revision: string;
  readonly position: string;
  readonly timeout_ms: string;
  readonly max_lateness_ms: string | null;
  readonly owner_id: string;
  readonly name: string;
  readonly location: string;
  readonly queue: string;
  readonly payload: string | null;
};

const dueRow = (row: Row): DueRow => ({
  jobId: row.job_id,
  dueAt: row.due_at.getTime(),
  slot: row.slot,
  attempt: row.attempt,
  revision: BigInt(row.revision),
  position: BigInt(row.position),
  timeoutMs: Number(row.timeout_ms),
  ...(row.max_lateness_ms !== null && { maxLatenessMs: Number(row.max_lateness_ms) }),
  ownerId: row.owner_id,
  name: row.name,
  location: row.location,
  queue: row.queue,
  ...(row.payload !== null && { payload: parseJson(row.payload) }),
});

type Condition = { readonly text: string; readonly values: readonly (string | number)[] };

const conditions = (query: DueQuery): readonly Condition[] => {
  const { slotFrom, slotTo, dueAfter, dueUpTo, positionFrom, after } = query;
  return [
    { text: 'slot between ? and ?', values: [slotFrom, slotTo] },
    { text: 'due_at <= ?', values: [toTimestamp(dueUpTo)] },
    ...(dueAfter === undefined ? [] : [{ text: 'due_at > ?', values: [toTimestamp(dueAfter)] }]),
    ...(positionFrom === undefined
      ? []
      : [{ text: 'position >= ?', values: [String(positionFrom)] }]),
    ...(after
      ? [
          { text: 'due_at >= ?', values: [toTimestamp(after.dueAt)] },
          {
            text: '(due_at, job_id) > (?::timestamptz, ?::uuid)',
            values: [toTimestamp(after.dueAt), after.jobId],
          },
        ]
      : []),
  ];
};

/**
 * The statement has no name, so it is planned with its values: bounds of `due_at` that are constants
 * keep all partitions but one or two out of the plan. A range of slots, since a list of them costs more.
 */
export const dueStatement = (query: DueQuery): Condition => {
  const all = conditions(query);
  return {
    text: `
      select job_id, due_at, slot, attempt, revision, position, timeout_ms, max_lateness_ms,
             owner_id, name, location, queue, payload::text as payload
      from due_jobs where ${all.map(({ text }) => text).join(' and ')}
      order by due_at, job_id limit ?`,
    values: [...all.flatMap(({ values }) => values), query.limit],
  };
};

export const dueJobs = (db: Knex): DueJobs => ({
  find: async (query) => {
    const { text, values } = dueStatement(query);
    const { rows } = await db.raw<{ rows: readonly Row[] }>(text, [...values]);
    return rows.map(dueRow);
  },
  databaseNow: async () => {
    const { rows } = await db.raw<{ rows: readonly { readonly now: string }[] }>(
      `select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
    );
    return Number(rows[0]?.now);
  },
});
