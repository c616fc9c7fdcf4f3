import type { Knex } from 'knex';
import type { ScheduleDefinition } from '../../../domain/schedule/definition';
import type { Instant } from '../../../domain/time';
import type { OccurrenceKind, Withdrawal } from '../../schedules/occurrence-rows';

/** A part of the log, as far as it has been looked through. */
export type LookedThrough<Found> = {
  /** Position of the last event in it; undefined when there was none. */
  readonly upTo: bigint | undefined;
  readonly found: readonly Found[];
};

/** An occurrence whose job is not known to be there, or is there although it was taken back. */
export type UnfinishedOccurrence = {
  readonly position: bigint;
  readonly scheduleId: string;
  readonly definition: ScheduleDefinition;
  readonly jobId: string;
  /** Undefined for a run that was triggered. */
  readonly occurrenceAt: Instant | undefined;
  readonly dueAt: Instant;
  readonly maxLatenessMs?: number;
  /** It was taken back: the job must never run. */
  readonly isWithdrawn: boolean;
};

/** A job that has not started and must not: its occurrence was taken back. */
export type WithdrawnJob = {
  readonly position: bigint;
  readonly scheduleId: string;
  readonly jobId: string;
  readonly because: string;
};

/** What somebody may have left half done, in the order of the log. */
export type Unfinished = {
  /** Positions of the newest events of both kinds; 0 without any. */
  readonly newest: () => Promise<{ readonly occurrences: bigint; readonly withdrawals: bigint }>;
  /** Of the first `limit` occurrences that were planned after a position, up to another. */
  readonly occurrences: (
    after: bigint,
    upTo: bigint,
    limit: number,
  ) => Promise<LookedThrough<UnfinishedOccurrence>>;
  /** Of the first `limit` events that take something back. */
  readonly withdrawals: (
    after: bigint,
    upTo: bigint,
    limit: number,
  ) => Promise<LookedThrough<WithdrawnJob>>;
};

/** Whether an event \`w\` took back the occurrence \`o\`. */
export const TAKES_BACK = `
  w.schedule_id = o.schedule_id and w.revision > o.revision
  and (w.what = 'all' or (o.kind in ('rule', 'moved') and (w.what = 'unstarted' or o.due_at > w.at)))`;

/** A job this long after its time is nobody's on the way: it ran, and an administrator took its stream away. */
const LONG_PAST = `interval '7 days'`;

const pageOf = (table: string): string =>
  `select * from ${table} where position > ? and position <= ? order by position fetch first ? rows with ties`;

const upToOf = (table: string): string =>
  `select max(position) as up_to from (${pageOf(table)}) page`;

const OCCURRENCES = `
  select o.position, o.schedule_id, t.definition::text as definition, o.job_id, o.occurrence_at, o.due_at, o.kind,
         o.max_lateness_ms, f.is_withdrawn
  from (${pageOf('schedule_occurrences')}) o
  join schedules t on t.schedule_id = o.schedule_id
  left join jobs j on j.job_id = o.job_id
  cross join lateral (select o.cancelled_at is not null
    or exists (select from schedule_withdrawals w where ${TAKES_BACK}) as is_withdrawn) f
  where (j.job_id is null and o.due_at > clock_timestamp() - ${LONG_PAST})
     or (f.is_withdrawn and j.status in ('scheduled', 'queued'))`;

const WITHDRAWALS = `
  select w.position, w.schedule_id, j.job_id, w.what as because
  from (${pageOf('schedule_withdrawals')}) w
  join jobs j on j.schedule_id = w.schedule_id::text and j.status in ('scheduled', 'queued')
  join schedule_occurrences o on o.job_id = j.job_id and ${TAKES_BACK}`;

const becauseOf: Readonly<Record<Withdrawal, string>> = {
  all: 'its schedule was deleted',
  unstarted: 'its schedule was paused or changed',
  ahead: 'its schedule was changed: it is planned again',
};

type OccurrenceRow = {
  readonly position: string;
  readonly schedule_id: string;
  readonly definition: string;
  readonly job_id: string;
  readonly occurrence_at: Date;
  readonly due_at: Date;
  readonly kind: OccurrenceKind;
  readonly max_lateness_ms: string | null;
  readonly is_withdrawn: boolean;
};

const unfinishedOccurrence = (row: OccurrenceRow): UnfinishedOccurrence => ({
  position: BigInt(row.position),
  scheduleId: row.schedule_id,
  definition: JSON.parse(row.definition) as ScheduleDefinition, // the projection wrote it from a typed event
  jobId: row.job_id,
  occurrenceAt: row.kind === 'trigger' ? undefined : row.occurrence_at.getTime(),
  dueAt: row.due_at.getTime(),
  ...(row.max_lateness_ms !== null && { maxLatenessMs: Number(row.max_lateness_ms) }),
  isWithdrawn: row.is_withdrawn,
});

type WithdrawnRow = {
  readonly position: string;
  readonly schedule_id: string;
  readonly job_id: string;
  readonly because: Withdrawal;
};

const withdrawnJob = (row: WithdrawnRow): WithdrawnJob => ({
  position: BigInt(row.position),
  scheduleId: row.schedule_id,
  jobId: row.job_id,
  because: becauseOf[row.because],
});

export const unfinished = (db: Knex): Unfinished => {
  const look = async <Row, Found>(
    table: 'schedule_occurrences' | 'schedule_withdrawals',
    text: string,
    foundIn: (row: Row) => Found,
    [after, upTo, limit]: readonly [bigint, bigint, number],
  ): Promise<LookedThrough<Found>> => {
    const span = [String(after), String(upTo), limit];
    const { rows } = await db.raw<{ rows: readonly { readonly up_to: string | null }[] }>(
      upToOf(table),
      span,
    );
    const last = rows[0]?.up_to;
    if (last === null || last === undefined) return { upTo: undefined, found: [] };
    const found = await db.raw<{ rows: readonly Row[] }>(text, [String(after), last, limit]);
    return { upTo: BigInt(last), found: found.rows.map(foundIn) };
  };
  return {
    newest: async () => {
      const { rows } = await db.raw<{
        rows: readonly { readonly occurrences: string; readonly withdrawals: string }[];
      }>(`select coalesce((select max(position) from schedule_occurrences), 0) as occurrences,
                 coalesce((select max(position) from schedule_withdrawals), 0) as withdrawals`);
      return {
        occurrences: BigInt(rows[0]?.occurrences ?? 0),
        withdrawals: BigInt(rows[0]?.withdrawals ?? 0),
      };
    },
    occurrences: (...span) => look('schedule_occurrences', OCCURRENCES, unfinishedOccurrence, span),
    withdrawals: (...span) => look('schedule_withdrawals', WITHDRAWALS, withdrawnJob, span),
  };
};
