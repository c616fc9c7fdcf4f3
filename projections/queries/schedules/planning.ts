import type { Knex } from 'knex';
import type { LastRun } from '../../../domain/schedule/commands';
import type { KnownSchedule } from '../../../domain/schedule/state';
import type { Instant } from '../../../domain/time';
import { knownSchedule, SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-row';

export type PlannedSchedule = {
  readonly scheduleId: string;
  readonly schedule: KnownSchedule;
  readonly lastRun: LastRun;
  /** When its next occurrence had to be planned at the latest. */
  readonly planAt: Instant;
};

/** Those whose streams the projection could not apply are none of a page: nothing is known of them. */
export type SchedulePlanning = {
  /**
   * Those whose next occurrence has to be planned by `until`, the longest due first; their runs may overlap.
   *
   * @param after  the last one of the page before
   */
  readonly due: (
    until: Instant,
    after: PlannedSchedule | undefined,
    limit: number,
  ) => Promise<readonly PlannedSchedule[]>;
  /**
   * The same of those whose runs may not overlap, by id: whose last run has ended, or has to make way.
   *
   * @param after  the last one of the page before
   */
  readonly dueOneByOne: (
    until: Instant,
    after: PlannedSchedule | undefined,
    limit: number,
  ) => Promise<readonly PlannedSchedule[]>;
  /** How many of both kinds should have been planned by `before`, parked ones included. */
  readonly overdue: (before: Instant) => Promise<number>;
};

type Row = ScheduleRow & {
  readonly plan_at_ms: string;
  readonly last_started_at: Date | null;
  readonly last_finished_at: Date | null;
};

const lastRunOf = (row: Row): LastRun => {
  if (row.last_job_id === null) return 'none';
  // a job that is not there yet has not ended
  if (!row.last_finished_at) return 'open';
  // nothing waited for one that expired or was cancelled before it could start
  return row.last_started_at ? { endedAt: row.last_finished_at.getTime() } : 'none';
};

const plannedSchedule = (row: Row): PlannedSchedule => ({
  scheduleId: row.schedule_id,
  schedule: knownSchedule(row),
  lastRun: lastRunOf(row),
  planAt: Number(row.plan_at_ms),
});

/** Bounded by an index before the rows are read whole: the streams of a page may be as many as one likes. */
const selected = (page: string): string => `
  with page as materialized (${page})
  select ${SCHEDULE_COLUMNS}, t.plan_at_ms, j.started_at as last_started_at, j.finished_at as last_finished_at
  from page p join schedules t on t.schedule_id = p.schedule_id
  left join jobs j on j.job_id = t.last_job_id`;

const NOT_PARKED = `not exists (
  select from parked_streams k where k.stream = 'schedule-' || s.schedule_id::text)`;

const DUE = selected(`
  select s.schedule_id from schedules s
  where s.may_overlap and s.plan_at_ms <= ? and (s.plan_at_ms, s.schedule_id) > (?, ?) and ${NOT_PARKED}
  order by s.plan_at_ms, s.schedule_id limit ?`);

const HAS_ENDED = '(s.last_job_id is null or l.finished_at is not null)';

const ONE_BY_ONE = selected(`
  select s.schedule_id from schedules s left join jobs l on l.job_id = s.last_job_id
  where not s.may_overlap and s.plan_at_ms <= ? and s.schedule_id > ?
    and (${HAS_ENDED} or s.definition ->> 'whenStillRunning' = 'cancel-other') and ${NOT_PARKED}
  order by s.schedule_id limit ?`);

const OVERDUE = `
  select (select count(*) from schedules where may_overlap and plan_at_ms < ?)
       + (select count(*) from schedules s left join jobs l on l.job_id = s.last_job_id
          where not s.may_overlap and s.plan_at_ms < ?
            and (s.last_job_id is null or l.finished_at < to_timestamp(? / 1000.0))) as count`;

/** Before all others. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export const schedulePlanning = (db: Knex): SchedulePlanning => {
  const page = async (text: string, bindings: readonly (string | number)[]) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(text, bindings);
    return rows.map(plannedSchedule);
  };
  return {
    due: async (until, after, limit) => {
      const found = await page(`${DUE}`, [
        until,
        after?.planAt ?? 0,
        after?.scheduleId ?? NOBODY,
        limit,
      ]);
      return found.toSorted(
        (a, b) => a.planAt - b.planAt || (a.scheduleId < b.scheduleId ? -1 : 1),
      );
    },
    dueOneByOne: async (until, after, limit) => {
      const found = await page(ONE_BY_ONE, [until, after?.scheduleId ?? NOBODY, limit]);
      return found.toSorted((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
    },
    overdue: async (before) => {
      const { rows } = await db.raw<{ rows: readonly { readonly count: string }[] }>(OVERDUE, [
        before,
        before,
        before,
      ]);
      return Number(rows[0]?.count);
    },
  };
};
