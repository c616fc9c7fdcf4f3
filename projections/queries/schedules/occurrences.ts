import type { Knex } from 'knex';
import type { SkippedBecause } from '../../../domain/schedule/event-kinds/occurrences';
import { usualDueAt, type KnownSchedule } from '../../../domain/schedule/state';
import { undecided } from '../../../domain/schedule/upcoming';
import { toTimestamp, type Instant } from '../../../domain/time';
import {
  byKey,
  FIRST,
  LAST_INSTANT,
  LAST_REVISION,
  type AskedOccurrences,
  type ExceptionRow,
  type ListedOccurrence,
  type OccurrenceKey,
  type OccurrenceRow,
  type ScheduleOccurrences,
  type SkipReason,
} from './listed-occurrence';
import { boundsOf, exceptionsThen, rowsThen } from './occurrences-then';
import { TAKES_BACK } from './unfinished';

/** Ranges of skipped occurrences follow each other, but for those around a change of a spread. */
const RANGES_AROUND_AN_INSTANT = 10;

/** What was taken back before it started, and decided again later, is told as it was decided then. */
const IS_SUPERSEDED = `
  w.reason is not null and o.kind in ('rule', 'moved')
  and coalesce(j.status, 'scheduled') in ('scheduled', 'queued', 'cancelled')
  and (exists (select from schedule_occurrences n
               where n.schedule_id = o.schedule_id and n.occurrence_at = o.occurrence_at
                 and n.revision > o.revision and n.revision <= :known and n.kind in ('rule', 'moved'))
       or coalesce((select s.from_at <= o.occurrence_at and s.revision > o.revision from schedule_skips s
                    where s.schedule_id = o.schedule_id and s.to_at >= o.occurrence_at and s.revision <= :known
                    order by s.to_at, s.revision limit 1), false))`;

const PLANNED = `
  select o.occurrence_at, o.due_at, o.revision, o.kind, o.job_id,
         coalesce(o.cancelled_at <= :then::timestamptz, false) as is_cancelled,
         w.reason as withdrawn_by, j.status as job_status, j.started_at, j.finished_at
  from schedule_occurrences o
  left join jobs j on j.job_id = o.job_id
  left join lateral (select w.reason from schedule_withdrawals w where ${TAKES_BACK} and w.revision <= :known order by w.revision limit 1) w on true
  where o.schedule_id = :id and o.revision <= :known and o.occurrence_at >= :from and o.occurrence_at <= :to
    and (o.occurrence_at, o.revision) > (:at::timestamptz, :revision::bigint) and not (${IS_SUPERSEDED})
  order by o.occurrence_at, o.revision limit :limit`;

const SKIPPED = `
  (select from_at, to_at, count, reason, revision from schedule_skips
   where schedule_id = :id and revision <= :known and to_at >= :from and to_at < :to
     and (to_at, revision) > (:at::timestamptz, :revision::bigint)
   order by to_at, revision limit :limit)
  union all
  (select from_at, to_at, count, reason, revision from (
     select * from schedule_skips where schedule_id = :id and revision <= :known and to_at >= :to
     order by to_at, revision limit ${RANGES_AROUND_AN_INSTANT}) around
   where from_at <= :to and (to_at, revision) > (:at::timestamptz, :revision::bigint))`;

const EXCEPTIONS = `
  select e.occurrence_at, e.due_at from schedule_exceptions e
  where e.schedule_id = :id and e.occurrence_at <= :come::timestamptz and e.occurrence_at >= :from and e.occurrence_at <= :to
    and (e.occurrence_at, ${LAST_REVISION}::bigint) > (:at::timestamptz, :revision::bigint)
    and not exists (select from schedule_occurrences o
                    where o.schedule_id = e.schedule_id and o.occurrence_at = e.occurrence_at
                      and o.revision <= :known and o.cancelled_at <= :then::timestamptz)
  order by e.occurrence_at limit :limit`;

type Outcome = Pick<ListedOccurrence, 'status' | 'reason'>;

const skippedBy = (reason: SkipReason): Outcome => ({ status: 'skipped', reason });

const outcomeOf = ({ job_status, is_cancelled, withdrawn_by }: OccurrenceRow): Outcome => {
  const takenBack = is_cancelled ? 'cancelled' : withdrawn_by;
  switch (job_status) {
    case 'running':
      return { status: 'running' };
    case 'succeeded':
    case 'failed':
    case 'aborted':
      return { status: 'done' };
    case 'expired':
      return skippedBy('missed');
    case 'cancelled':
      return skippedBy(takenBack ?? 'cancelled');
    case 'scheduled':
    case 'queued':
    case null:
      return takenBack ? skippedBy(takenBack) : { status: 'planned' };
  }
};

const plannedOf = (row: OccurrenceRow): ListedOccurrence => {
  const occurrenceAt = row.occurrence_at.getTime();
  return {
    at: occurrenceAt,
    revision: BigInt(row.revision),
    occurrenceAt,
    dueAt: row.due_at.getTime(),
    ...outcomeOf(row),
    origin: row.kind,
    job: {
      jobId: row.job_id,
      ...(row.job_status && { status: row.job_status }),
      ...(row.started_at && { startedAt: row.started_at.getTime() }),
      ...(row.finished_at && { finishedAt: row.finished_at.getTime() }),
    },
  };
};

type SkipRow = {
  readonly from_at: Date;
  readonly to_at: Date;
  readonly count: string;
  readonly reason: SkippedBecause;
  readonly revision: string;
};

const skippedOf = (row: SkipRow): ListedOccurrence => ({
  at: row.to_at.getTime(),
  revision: BigInt(row.revision),
  occurrenceAt: row.from_at.getTime(),
  ...skippedBy(row.reason),
  origin: 'rule',
  range: { lastAt: row.to_at.getTime(), count: Number(row.count) },
});

const exceptionOf = ({ occurrence_at, due_at }: ExceptionRow): ListedOccurrence => ({
  at: occurrence_at.getTime(),
  revision: LAST_REVISION,
  occurrenceAt: occurrence_at.getTime(),
  ...(due_at
    ? { status: 'planned', dueAt: due_at.getTime(), origin: 'moved' }
    : { ...skippedBy('cancelled'), origin: 'rule' }),
});

/** What the rule has and nobody has decided yet. */
const toCome = (
  { schedule, calendar, window: { from = FIRST.at, to = LAST_INSTANT } }: AskedOccurrences,
  { at, revision }: OccurrenceKey,
  limit: number,
): readonly ListedOccurrence[] => {
  if (!calendar) return [];
  const after = Math.max(from - 1, revision === LAST_REVISION ? at : at - 1);
  const found: ListedOccurrence[] = [];
  for (const occurrenceAt of undecided(schedule, calendar, after)) {
    if (occurrenceAt > to) break;
    found.push({
      at: occurrenceAt,
      revision: LAST_REVISION,
      occurrenceAt,
      dueAt: usualDueAt(schedule, occurrenceAt),
      status: 'planned',
      origin: 'rule',
    });
    if (found.length === limit) break;
  }
  return found;
};

const isTakenBack = ({ reason, range, origin }: ListedOccurrence): boolean =>
  !range &&
  (reason === 'changed' || reason === 'paused') &&
  (origin === 'rule' || origin === 'moved');

/** The page as it is told: each occurrence once, as it was decided last. */
const toldOnce = (
  { status, decidedUntil }: KnownSchedule,
  page: readonly ListedOccurrence[],
): readonly ListedOccurrence[] => {
  const instantsOf = (isMeant: (one: ListedOccurrence) => boolean): ReadonlySet<Instant> =>
    new Set(page.filter(isMeant).map(({ occurrenceAt }) => occurrenceAt));
  const isUndecided = ({ revision }: ListedOccurrence): boolean => revision === LAST_REVISION;
  // the planner may have been here since the schedule was read
  const decided = instantsOf((one) => !isUndecided(one) && one.status !== 'skipped');
  const undecidedOnes = instantsOf(isUndecided);
  return page.filter((one) => {
    if (isUndecided(one)) return !decided.has(one.occurrenceAt);
    // what was taken back is shown as it will be or, in a pause, when it is decided
    const isOpen = one.occurrenceAt > decidedUntil && isTakenBack(one);
    return !(isOpen && (status === 'paused' || undecidedOnes.has(one.occurrenceAt)));
  });
};

export const scheduleOccurrences =
  (db: Knex): ScheduleOccurrences =>
  async (asked) => {
    const { scheduleId, schedule, window, limit, after = FIRST, then } = asked;
    const values = {
      id: scheduleId,
      from: toTimestamp(window.from ?? FIRST.at),
      to: toTimestamp(window.to ?? LAST_INSTANT),
      at: toTimestamp(after.at),
      revision: String(after.revision),
      ...boundsOf(asked),
      limit: limit + 1, // one more than asked for tells whether there is a next page
    };
    const [planned, skipped, exceptions] = await Promise.all([
      db.raw<{ rows: readonly OccurrenceRow[] }>(PLANNED, values),
      db.raw<{ rows: readonly SkipRow[] }>(SKIPPED, values),
      db.raw<{ rows: readonly ExceptionRow[] }>(EXCEPTIONS, values),
    ]);
    const runsMoved = schedule.status === 'active';
    const rows = then ? await rowsThen(asked, planned.rows, then) : planned.rows;
    const excepted = then ? exceptionsThen(asked, exceptions.rows, rows) : exceptions.rows;
    const all = [
      ...rows.map(plannedOf),
      ...skipped.rows.map(skippedOf),
      ...excepted.filter(({ due_at }) => due_at === null || runsMoved).map(exceptionOf),
      ...toCome(asked, after, limit + 1),
    ].sort(byKey);
    const page = all.slice(0, limit);
    const last = page.at(-1);
    const items = toldOnce(schedule, page);
    return all.length > limit && last
      ? { items, next: { at: last.at, revision: last.revision } }
      : { items };
  };
