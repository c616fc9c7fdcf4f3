import type { SkippedBecause } from '../../domain/schedule/event-kinds/occurrences';
import type { Timestamp } from '../../domain/time';
import { parameters, plain, quotedText, unnest, type Column } from '../writing/unnest';
import type { Statement } from '../writing/write-session';
import type { PlacedOf, PlacedScheduleFact, ScheduleStep } from './schedule-step';

/** How an occurrence got its job. Stored by name. */
export type OccurrenceKind = 'rule' | 'moved' | 'trigger' | 'backfill';

/** What becomes of jobs that have not started. Stored by name. */
export type Withdrawal =
  /** Of the rule, those that are not due yet. */
  | 'ahead'
  /** Of the rule, all. */
  | 'unstarted'
  /** All, whoever asked for them. */
  | 'all';

type Occurrence = {
  readonly scheduleId: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly occurrenceAt: Timestamp;
  readonly jobId: string;
  readonly dueAt: Timestamp;
  readonly kind: OccurrenceKind;
  readonly maxLatenessMs?: number | undefined;
  readonly plannedAt: Timestamp;
};

const occurrencesOf = (fact: PlacedScheduleFact): readonly Occurrence[] => {
  const { scheduleId, revision, position, recordedAt: plannedAt } = fact;
  const place = { scheduleId, revision, position, plannedAt };
  switch (fact.type) {
    case 'OccurrencePlanned': {
      const { occurrenceAt, jobId, dueAt, maxLatenessMs } = fact.data;
      return [{ ...place, kind: 'rule', occurrenceAt, jobId, dueAt, maxLatenessMs }];
    }
    case 'OccurrenceMoved': {
      const { occurrenceAt, jobId, dueAt } = fact.data;
      return [{ ...place, kind: 'moved', occurrenceAt, jobId, dueAt }];
    }
    case 'ScheduleTriggered': {
      const { jobId, dueAt } = fact.data;
      return [{ ...place, kind: 'trigger', occurrenceAt: dueAt, jobId, dueAt }];
    }
    case 'OccurrencesBackfilled':
      return fact.data.occurrences.map(({ occurrenceAt, jobId }) => ({
        ...place,
        kind: 'backfill',
        occurrenceAt,
        jobId,
        dueAt: fact.data.dueAt,
      }));
    default:
      return [];
  }
};

const placeColumns = <Row extends { readonly scheduleId: string; readonly revision: bigint }>() =>
  [
    plain<Row>('schedule_id', 'uuid', ({ scheduleId }) => scheduleId),
    plain<Row>('revision', 'bigint', ({ revision }) => revision),
  ] as const;

const occurrenceColumns = [
  ...placeColumns<Occurrence>(),
  plain<Occurrence>('position', 'bigint', ({ position }) => position),
  plain<Occurrence>('occurrence_at', 'timestamptz', ({ occurrenceAt }) => occurrenceAt),
  plain<Occurrence>('job_id', 'uuid', ({ jobId }) => jobId),
  plain<Occurrence>('due_at', 'timestamptz', ({ dueAt }) => dueAt),
  plain<Occurrence>('kind', 'text', ({ kind }) => kind),
  plain<Occurrence>('max_lateness_ms', 'bigint', ({ maxLatenessMs }) => maxLatenessMs),
  plain<Occurrence>('planned_at', 'timestamptz', ({ plannedAt }) => plannedAt),
] as const;

/** One statement over rows; none when there are none. */
const over = <Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  text: string,
): readonly Statement[] =>
  rows.length === 0 ? [] : [{ name: `schedules_${name}`, text, values: parameters(columns, rows) }];

const factsOf = (steps: readonly ScheduleStep[]): readonly PlacedScheduleFact[] =>
  steps.flatMap(({ facts }) => facts);

const ofType = <Type extends PlacedScheduleFact['type']>(
  facts: readonly PlacedScheduleFact[],
  type: Type,
): readonly PlacedOf<Type>[] => facts.filter((fact): fact is PlacedOf<Type> => fact.type === type);

/** A batch that comes again finds rows that are further already, and changes nothing. */
const IS_NEW = `join schedules t on t.schedule_id = c.schedule_id and t.revision < c.revision`;

const insertOccurrences = `
  insert into schedule_occurrences (${occurrenceColumns.map(({ name }) => name).join(', ')})
  select ${occurrenceColumns.map(({ name }) => `c.${name}`).join(', ')}
  from ${unnest(occurrenceColumns)}
  on conflict (schedule_id, occurrence_at, revision) do nothing`;

type Moved = PlacedOf<'OccurrenceMoved'>;
const movedColumns = [
  ...placeColumns<Moved>(),
  plain<Moved>('occurrence_at', 'timestamptz', ({ data }) => data.occurrenceAt),
  plain<Moved>('job_id', 'uuid', ({ data }) => data.jobId),
] as const;

/** A job that is moved stands in the row of its last move only. */
const replaceMoved = `
  delete from schedule_occurrences o using ${unnest(movedColumns)}
  where o.schedule_id = c.schedule_id and o.occurrence_at = c.occurrence_at and o.job_id = c.job_id
    and o.revision < c.revision`;

type One = PlacedOf<'OccurrencePlanned' | 'OccurrenceMoved'>;
const oneColumns = [
  ...placeColumns<One>(),
  plain<One>('occurrence_at', 'timestamptz', ({ data }) => data.occurrenceAt),
] as const;

const dropExceptions = `
  delete from schedule_exceptions e using ${unnest(oneColumns)} ${IS_NEW}
  where e.schedule_id = c.schedule_id and e.occurrence_at = c.occurrence_at`;

type Cancelled = PlacedOf<'OccurrenceCancelled'>;
const cancelledColumns = [
  ...placeColumns<Cancelled>(),
  plain<Cancelled>('occurrence_at', 'timestamptz', ({ data }) => data.occurrenceAt),
  plain<Cancelled>('job_id', 'uuid', ({ data }) => data.jobId),
  plain<Cancelled>('at', 'timestamptz', ({ recordedAt }) => recordedAt),
] as const;

const cancelOccurrences = `
  update schedule_occurrences o set cancelled_at = c.at from ${unnest(cancelledColumns)}
  where o.schedule_id = c.schedule_id and o.occurrence_at = c.occurrence_at and o.job_id = c.job_id`;

const exceptCancelled = `
  insert into schedule_exceptions (schedule_id, occurrence_at, due_at)
  select c.schedule_id, c.occurrence_at, null from ${unnest(cancelledColumns)} ${IS_NEW}
  on conflict (schedule_id, occurrence_at) do update set due_at = null`;

type Withdrawing = PlacedScheduleFact & {
  readonly what: Withdrawal;
  readonly reason: SkippedBecause;
};
const withdrawing = (fact: PlacedScheduleFact): readonly Withdrawing[] => {
  switch (fact.type) {
    case 'ScheduleChanged':
      return [{ ...fact, what: fact.data.withdraws, reason: 'changed' }];
    case 'SchedulePaused':
      return [{ ...fact, what: 'unstarted', reason: 'paused' }];
    case 'ScheduleDeleted':
      return [{ ...fact, what: 'all', reason: 'deleted' }];
    default:
      return [];
  }
};
const forgets = ({ type, what }: Withdrawing): boolean =>
  type === 'ScheduleDeleted' || (type === 'ScheduleChanged' && what === 'unstarted');

const withdrawingColumns = [
  ...placeColumns<Withdrawing>(),
  plain<Withdrawing>('position', 'bigint', ({ position }) => position),
  plain<Withdrawing>('at', 'timestamptz', ({ recordedAt }) => recordedAt),
  plain<Withdrawing>('what', 'text', ({ what }) => what),
  plain<Withdrawing>('reason', 'text', ({ reason }) => reason),
  plain<Withdrawing>('forgets', 'boolean', forgets),
] as const;

const insertWithdrawals = `
  insert into schedule_withdrawals (schedule_id, revision, position, at, what, reason)
  select c.schedule_id, c.revision, c.position, c.at, c.what, c.reason from ${unnest(withdrawingColumns)}
  on conflict (schedule_id, revision) do nothing`;

/** What was moved keeps its time; what has come already does not come once more. */
const exceptMoved = `
  insert into schedule_exceptions (schedule_id, occurrence_at, due_at)
  select o.schedule_id, o.occurrence_at, case when o.due_at > c.at then o.due_at end
  from ${unnest(withdrawingColumns)} ${IS_NEW}
  join schedule_occurrences o on o.schedule_id = c.schedule_id and o.revision > t.withdrawn_revision
    and o.revision < c.revision and o.kind = 'moved' and o.cancelled_at is null
  where not c.forgets and case
    when o.due_at > c.at then o.due_at <> o.occurrence_at + t.offset_ms * interval '1 millisecond'
    else o.occurrence_at >
      least(to_timestamp(t.decided_until_ms / 1000.0),
        greatest(to_timestamp(t.came_until_ms / 1000.0), c.at - t.offset_ms * interval '1 millisecond'))
  end
  on conflict (schedule_id, occurrence_at) do update set due_at = excluded.due_at`;

const forgetExceptions = `
  delete from schedule_exceptions e using ${unnest(withdrawingColumns)} ${IS_NEW}
  where e.schedule_id = c.schedule_id and c.forgets`;

type Resumed = PlacedOf<'ScheduleResumed'>;
const resumedColumns = [
  ...placeColumns<Resumed>(),
  plain<Resumed>('at', 'timestamptz', ({ recordedAt }) => recordedAt),
] as const;

/** What was moved into a pause does not come back at its usual time. */
const missInPause = `
  update schedule_exceptions e set due_at = null from ${unnest(resumedColumns)} ${IS_NEW}
  where e.schedule_id = c.schedule_id and e.due_at <= c.at`;

type Skipped = PlacedOf<'OccurrencesSkipped'>;
const skippedColumns = [
  ...placeColumns<Skipped>(),
  plain<Skipped>('from_at', 'timestamptz', ({ data }) => data.from),
  plain<Skipped>('to_at', 'timestamptz', ({ data }) => data.to),
  plain<Skipped>('count', 'bigint', ({ data }) => data.count),
  quotedText<Skipped>('reason', 'text', ({ data }) => data.reason),
] as const;

const insertSkips = `
  insert into schedule_skips (${skippedColumns.map(({ name }) => name).join(', ')})
  select ${skippedColumns.map(({ name }) => `c.${name}`).join(', ')} from ${unnest(skippedColumns)}
  on conflict (schedule_id, from_at, revision) do nothing`;

/** Changes of all tables beside `schedules`, for one round. Come before those of `schedules`. */
export const occurrenceStatements = (steps: readonly ScheduleStep[]): readonly Statement[] => {
  const facts = factsOf(steps);
  const moved = ofType(facts, 'OccurrenceMoved');
  const one = [...ofType(facts, 'OccurrencePlanned'), ...moved];
  const cancelled = ofType(facts, 'OccurrenceCancelled');
  const withdrawals = facts.flatMap(withdrawing);
  return [
    ...over('replace_moved', movedColumns, moved, replaceMoved),
    ...over(
      'insert_occurrences',
      occurrenceColumns,
      facts.flatMap(occurrencesOf),
      insertOccurrences,
    ),
    ...over('drop_exceptions', oneColumns, one, dropExceptions),
    ...over('cancel_occurrences', cancelledColumns, cancelled, cancelOccurrences),
    ...over('except_cancelled', cancelledColumns, cancelled, exceptCancelled),
    ...over('except_moved', withdrawingColumns, withdrawals, exceptMoved),
    ...over('forget_exceptions', withdrawingColumns, withdrawals, forgetExceptions),
    ...over('insert_withdrawals', withdrawingColumns, withdrawals, insertWithdrawals),
    ...over('miss_in_pause', resumedColumns, ofType(facts, 'ScheduleResumed'), missInPause),
    ...over('insert_skips', skippedColumns, ofType(facts, 'OccurrencesSkipped'), insertSkips),
  ];
};
