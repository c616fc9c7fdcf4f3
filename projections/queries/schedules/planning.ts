import type { Knex } from 'knex';
import type { LastRun } from '../../../domain/schedule/commands';
import type { ScheduleDefinition } from '../../../domain/schedule/definition';
import type { KnownSchedule } from '../../../domain/schedule/state';
import { toTimestamp, type Instant } from '../../../domain/time';
import type { OccurrenceKind, Withdrawal } from '../../schedules/occurrence-rows';
import { knownSchedule, SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-row';

export type PlannedSchedule = {
  readonly scheduleId: string;
  readonly schedule: KnownSchedule;
  readonly lastRun: LastRun;
};

/** An occurrence whose job is not known to be there. */
export type UnmadeJob = {
  readonly scheduleId: string;
  readonly definition: ScheduleDefinition;
  readonly jobId: string;
  /** Undefined for a run that was triggered. */
  readonly occurrenceAt: Instant | undefined;
  readonly dueAt: Instant;
  readonly maxLatenessMs?: number;
  /** It was taken back meanwhile: the job must never run. */
  readonly isWithdrawn: boolean;
};

/** A job that has not started and must not: its occurrence was taken back. */
export type WithdrawnJob = {
  readonly scheduleId: string;
  readonly jobId: string;
  readonly because: string;
};

export type SchedulePlanning = {
  /** Those whose next occurrence has to be planned by `until`, the longest due first; runs of theirs may overlap. */
  readonly due: (until: Instant, limit: number) => Promise<readonly PlannedSchedule[]>;
  /** The same of those whose runs may not overlap, by id. @param after  the last one that was seen */
  readonly dueOneByOne: (
    until: Instant,
    after: string | undefined,
    limit: number,
  ) => Promise<readonly PlannedSchedule[]>;
  /** How many should have been planned by `before`. */
  readonly overdue: (before: Instant) => Promise<number>;
  /** Of occurrences planned in a span of time. */
  readonly unmade: (from: Instant, to: Instant, limit: number) => Promise<readonly UnmadeJob[]>;
  /** Of what was taken back since. */
  readonly withdrawn: (since: Instant, limit: number) => Promise<readonly WithdrawnJob[]>;
};

type Row = ScheduleRow & {
  readonly last_status: string | null;
  readonly last_finished_at: Date | null;
};

const lastRunOf = (row: Row): LastRun => {
  if (row.last_job_id === null) return 'none';
  // a job that is not there yet has not ended
  return row.last_finished_at ? { endedAt: row.last_finished_at.getTime() } : 'open';
};

const plannedSchedule = (row: Row): PlannedSchedule => ({
  scheduleId: row.schedule_id,
  schedule: knownSchedule(row),
  lastRun: lastRunOf(row),
});

const SELECTED = `
  select ${SCHEDULE_COLUMNS}, j.status as last_status, j.finished_at as last_finished_at
  from schedules t left join jobs j on j.job_id = t.last_job_id`;

/** Whether an event \`w\` took back the occurrence \`o\`. */
export const TAKES_BACK = `
  w.schedule_id = o.schedule_id and w.revision > o.revision
  and (w.what = 'all' or (o.kind in ('rule', 'moved') and (w.what = 'unstarted' or o.due_at > w.at)))`;

type UnmadeRow = {
  readonly schedule_id: string;
  readonly definition: string;
  readonly job_id: string;
  readonly occurrence_at: Date;
  readonly due_at: Date;
  readonly kind: OccurrenceKind;
  readonly max_lateness_ms: string | null;
  readonly is_withdrawn: boolean;
};

const UNMADE = `
  select o.schedule_id, t.definition::text as definition, o.job_id, o.occurrence_at, o.due_at, o.kind, o.max_lateness_ms,
         o.cancelled_at is not null
           or exists (select from schedule_withdrawals w where ${TAKES_BACK}) as is_withdrawn
  from schedule_occurrences o join schedules t on t.schedule_id = o.schedule_id
  where o.planned_at >= ? and o.planned_at <= ?
    and not exists (select from jobs j where j.job_id = o.job_id)
  order by o.planned_at limit ?`;

const WITHDRAWN = `
  select w.schedule_id, j.job_id, w.what as because
  from schedule_withdrawals w
  join jobs j on j.schedule_id = w.schedule_id::text and j.status in ('scheduled', 'queued')
  join schedule_occurrences o on o.job_id = j.job_id and ${TAKES_BACK}
  where w.at >= ? limit ?`;

const becauseOf: Readonly<Record<Withdrawal, string>> = {
  all: 'its schedule was deleted',
  unstarted: 'its schedule was paused or changed',
  ahead: 'its schedule was changed: it is planned again',
};

export const schedulePlanning = (db: Knex): SchedulePlanning => ({
  due: async (until, limit) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `${SELECTED} where t.may_overlap and t.plan_at_ms <= ? order by t.plan_at_ms limit ?`,
      [until, limit],
    );
    return rows.map(plannedSchedule);
  },
  dueOneByOne: async (until, after, limit) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `${SELECTED} where not t.may_overlap and t.plan_at_ms <= ?
         ${after === undefined ? '' : 'and t.schedule_id > ?'} order by t.schedule_id limit ?`,
      after === undefined ? [until, limit] : [until, after, limit],
    );
    return rows.map(plannedSchedule);
  },
  overdue: async (before) => {
    const { rows } = await db.raw<{ rows: readonly { readonly count: string }[] }>(
      'select count(*) as count from schedules where may_overlap and plan_at_ms < ?',
      [before],
    );
    return Number(rows[0]?.count);
  },
  unmade: async (from, to, limit) => {
    const { rows } = await db.raw<{ rows: readonly UnmadeRow[] }>(UNMADE, [
      toTimestamp(from),
      toTimestamp(to),
      limit,
    ]);
    return rows.map((row) => ({
      scheduleId: row.schedule_id,
      definition: JSON.parse(row.definition) as ScheduleDefinition,
      jobId: row.job_id,
      occurrenceAt: row.kind === 'trigger' ? undefined : row.occurrence_at.getTime(),
      dueAt: row.due_at.getTime(),
      ...(row.max_lateness_ms !== null && { maxLatenessMs: Number(row.max_lateness_ms) }),
      isWithdrawn: row.is_withdrawn,
    }));
  },
  withdrawn: async (since, limit) => {
    const { rows } = await db.raw<{
      rows: readonly { schedule_id: string; job_id: string; because: Withdrawal }[];
    }>(WITHDRAWN, [toTimestamp(since), limit]);
    return rows.map(({ schedule_id, job_id, because }) => ({
      scheduleId: schedule_id,
      jobId: job_id,
      because: becauseOf[because],
    }));
  },
});
