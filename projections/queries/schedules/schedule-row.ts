import type { ScheduleDefinition } from '../../../domain/schedule/definition';
import type {
  Exception,
  KnownSchedule,
  Planned,
  ScheduleStatus,
} from '../../../domain/schedule/state';

/** A row of `schedules` with what is ahead of it: bigint as text, JSON as text, times of lists in milliseconds. */
export type ScheduleRow = {
  readonly schedule_id: string;
  readonly revision: string;
  readonly position: string;
  readonly status: ScheduleStatus;
  readonly definition: string;
  readonly offset_ms: string;
  readonly decided_until_ms: string;
  /** Null in rows of before migration 0029 that nothing has taken back since. */
  readonly came_until_ms: string | null;
  readonly last_job_id: string | null;
  readonly note: string | null;
  readonly created_at: Date;
  readonly rule_since: Date;
  readonly ahead: readonly Planned[];
  readonly exceptions: readonly { readonly occurrenceAt: number; readonly dueAt: number | null }[];
};

const MS = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;

/** Of a row `t`: what lies beyond is undecided, or would be again if runs that are still to come were taken back. */
const OPEN_FROM = `least(to_timestamp(t.decided_until_ms / 1000.0), t.last_at - t.offset_ms * interval '1 millisecond')`;

/** Of a row `t` of `schedules`: occurrences that are due later or are open, each found by an index. */
const AHEAD = `
  select o.revision, o.occurrence_at, o.due_at, o.job_id from schedule_occurrences o
  where o.schedule_id = t.schedule_id and o.revision > t.withdrawn_revision and o.cancelled_at is null
    and o.kind in ('rule', 'moved') and o.due_at > t.last_at
  union
  select o.revision, o.occurrence_at, o.due_at, o.job_id from schedule_occurrences o
  where o.schedule_id = t.schedule_id and o.revision > t.withdrawn_revision and o.cancelled_at is null
    and o.kind in ('rule', 'moved') and o.occurrence_at > ${OPEN_FROM}`;

/** Select list of a ScheduleRow from \`schedules t\`. */
export const SCHEDULE_COLUMNS = `
  t.schedule_id, t.revision, t.position, t.status, t.definition::text as definition, t.offset_ms,
  t.decided_until_ms, t.came_until_ms, t.last_job_id, t.note, t.created_at, t.rule_since,
  coalesce((select json_agg(json_build_object(
      'occurrenceAt', ${MS('a.occurrence_at')}, 'dueAt', ${MS('a.due_at')}, 'jobId', a.job_id)
      order by a.revision, a.occurrence_at) from (${AHEAD}) a), '[]') as ahead,
  coalesce((select json_agg(json_build_object(
      'occurrenceAt', ${MS('e.occurrence_at')}, 'dueAt', ${MS('e.due_at')}) order by e.occurrence_at)
    from schedule_exceptions e
    where e.schedule_id = t.schedule_id
      and (e.due_at is not null or e.occurrence_at > ${OPEN_FROM})), '[]')
    as exceptions`;

const exceptionOf = ({ occurrenceAt, dueAt }: ScheduleRow['exceptions'][number]): Exception => ({
  occurrenceAt,
  ...(dueAt !== null && { dueAt }),
});

/** The schedule as the fold of its stream gives it at the same revision, but for the order of what is ahead. */
export const knownSchedule = (row: ScheduleRow): KnownSchedule => ({
  status: row.status,
  definition: JSON.parse(row.definition) as ScheduleDefinition, // the projection wrote it from a typed event
  offsetMs: Number(row.offset_ms),
  revision: BigInt(row.revision),
  createdAt: row.created_at.getTime(),
  ruleSince: row.rule_since.getTime(),
  decidedUntil: Number(row.decided_until_ms),
  cameUntil: Number(row.came_until_ms ?? -Infinity),
  ahead: row.ahead,
  exceptions: row.exceptions.map(exceptionOf),
  ...(row.last_job_id !== null && { lastJobId: row.last_job_id }),
  ...(row.note !== null && { note: row.note }),
});
