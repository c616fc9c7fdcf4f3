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

/** Where a walk along those that are to be planned stands. */
export type PlanningCursor = Pick<PlannedSchedule, 'scheduleId' | 'planAt'>;

export type PlanningPage = {
  readonly found: readonly PlannedSchedule[];
  /** Where the next page begins; absent when there is none. */
  readonly next?: PlanningCursor | undefined;
};

export type PlanningSpan = {
  readonly until: Instant;
  /** `next` of the page before. */
  readonly after?: PlanningCursor | undefined;
  readonly limit: number;
  /** Owners whose schedules are passed over. */
  readonly passing: readonly string[];
};

/** Those whose streams the projection could not apply are none of a page: nothing is known of them. */
export type SchedulePlanning = {
  /** Those whose next occurrence has to be planned by `until`, the longest due first; their runs may overlap. */
  readonly due: (span: PlanningSpan) => Promise<PlanningPage>;
  /** The same of those whose runs may not overlap, by id: whose last run has ended, or has to make way. */
  readonly dueOneByOne: (span: PlanningSpan) => Promise<PlanningPage>;
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

const NOT_PARKED = `not exists (
  select from parked_streams k where k.stream = 'schedule-' || s.schedule_id::text)`;

/** Rows of a page, read whole: the streams of one may be as many as one likes. */
const WHOLE = `${SCHEDULE_COLUMNS}, t.plan_at_ms, j.started_at as last_started_at, j.finished_at as last_finished_at`;

/** From the index alone, so many at a time that nobody waits: the schedules of one owner may be all there are. */
const DUE = `
  with seen as materialized (
    select s.schedule_id, s.plan_at_ms, s.owner_id from schedules s
    where s.may_overlap and s.plan_at_ms <= ? and (s.plan_at_ms, s.schedule_id) > (?, ?)
    order by s.plan_at_ms, s.schedule_id limit ?
  ), page as materialized (
    select s.schedule_id from seen s where s.owner_id <> all (?) and ${NOT_PARKED}
    order by s.plan_at_ms, s.schedule_id limit ?
  ), last as (
    select plan_at_ms as seen_plan_at_ms, schedule_id as seen_id, (select count(*) from seen) as seen
    from seen order by plan_at_ms desc, schedule_id desc limit 1
  )
  select ${WHOLE}, l.seen_plan_at_ms, l.seen_id, l.seen
  from last l left join page p on true left join schedules t on t.schedule_id = p.schedule_id
  left join jobs j on j.job_id = t.last_job_id`;

const HAS_ENDED = '(s.last_job_id is null or l.finished_at is not null)';

const ONE_BY_ONE = `
  with page as materialized (
    select s.schedule_id from schedules s left join jobs l on l.job_id = s.last_job_id
    where not s.may_overlap and s.plan_at_ms <= ? and s.schedule_id > ? and s.owner_id <> all (?)
      and (${HAS_ENDED} or s.definition ->> 'whenStillRunning' = 'cancel-other') and ${NOT_PARKED}
    order by s.schedule_id limit ?
  )
  select ${WHOLE} from page p join schedules t on t.schedule_id = p.schedule_id
  left join jobs j on j.job_id = t.last_job_id`;

const OVERDUE = `
  select (select count(*) from schedules where may_overlap and plan_at_ms < ?)
       + (select count(*) from schedules s left join jobs l on l.job_id = s.last_job_id
          where not s.may_overlap and s.plan_at_ms < ?
            and (s.last_job_id is null or l.finished_at < to_timestamp(? / 1000.0))) as count`;

/** Before all others. */
const START: PlanningCursor = { planAt: 0, scheduleId: '00000000-0000-0000-0000-000000000000' };

/** Entries of the index that one statement passes over: some 5 ms. */
const PASSED_OVER = 10_000;

type Bindings = readonly (string | number | string[])[];

type SeenRow = (Row | { readonly schedule_id: null }) & {
  readonly seen_plan_at_ms: string;
  readonly seen_id: string;
  readonly seen: string;
};

const isFound = (row: SeenRow): row is Row & SeenRow => row.schedule_id !== null;

const inOrder = (a: PlanningCursor, b: PlanningCursor): number =>
  a.planAt - b.planAt || (a.scheduleId < b.scheduleId ? -1 : 1);

export const schedulePlanning = (db: Knex): SchedulePlanning => {
  const query = async <Some>(text: string, bindings: Bindings): Promise<readonly Some[]> =>
    (await db.raw<{ rows: readonly Some[] }>(text, bindings)).rows;
  return {
    due: async ({ until, after = START, limit, passing }) => {
      const seeLimit = passing.length === 0 ? limit : PASSED_OVER;
      const { planAt, scheduleId } = after;
      const bindings = [until, planAt, scheduleId, seeLimit, [...passing], limit];
      const rows = await query<SeenRow>(DUE, bindings);
      const found = rows.filter(isFound).map(plannedSchedule).toSorted(inOrder);
      if (found.length >= limit) return { found, next: found.at(-1) };
      const [row] = rows;
      if (!row || Number(row.seen) < seeLimit) return { found };
      return { found, next: { planAt: Number(row.seen_plan_at_ms), scheduleId: row.seen_id } };
    },
    dueOneByOne: async ({ until, after = START, limit, passing }) => {
      const rows = await query<Row>(ONE_BY_ONE, [until, after.scheduleId, [...passing], limit]);
      const found = rows
        .map(plannedSchedule)
        .toSorted((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
      return { found, ...(found.length >= limit && { next: found.at(-1) }) };
    },
    overdue: async (before) => {
      const [row] = await query<{ readonly count: string }>(OVERDUE, [before, before, before]);
      return Number(row?.count);
    },
  };
};
