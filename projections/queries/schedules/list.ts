import type { Knex } from 'knex';
import type { AsOf } from '../../../domain/audit/as-of';
import type { ScheduleDefinition } from '../../../domain/schedule/definition';
import type { ScheduleFilter, ScheduleKey } from '../../../domain/schedule/filter';
import { living } from '../../../domain/schedule/event-kinds/kind';
import { scheduleStatuses, type ScheduleStatus } from '../../../domain/schedule/state';
import { scheduleViewOf, type ScheduleView } from '../../../domain/schedule/view';
import { toTimestamp, type Timestamp } from '../../../domain/time';
import { containing } from '../narrow';

export type ListedSchedule = ScheduleView & {
  /** When the next run is due that has a job already; null when there is none. */
  readonly nextDueAt: Timestamp | null;
};

export type SchedulePage = {
  readonly items: readonly ListedSchedule[];
  readonly next?: ScheduleKey;
};

export type ScheduleList = {
  /** The newest first; without payloads. `next` is there when more follow. */
  readonly list: (
    filter: ScheduleFilter,
    page: { readonly limit: number; readonly after?: ScheduleKey },
  ) => Promise<SchedulePage>;
  /**
   * All that were ever made, of one owner or of all, the newest first.
   *
   * @param which  `deletedAfter`: leaves out those that were deleted by then
   */
  readonly made: (
    which: { readonly ownerId?: string; readonly deletedAfter?: AsOf },
    page: { readonly limit: number; readonly after?: ScheduleKey },
  ) => Promise<readonly ScheduleKey[]>;
  /** Schedules of an owner that are not deleted; stops counting at `upTo`. */
  readonly countLiving: (ownerId: string, upTo: number) => Promise<number>;
};

type ListedRow = {
  readonly schedule_id: string;
  readonly revision: string;
  readonly status: ScheduleStatus;
  readonly definition: string;
  readonly offset_ms: string;
  readonly note: string | null;
  readonly created_at: Date;
  readonly rule_since: Date;
  readonly next_due_at: Date | null;
};

/** Of a page only: a payload is up to 64 KiB. */
const LISTED = `
  select t.schedule_id, t.revision, t.status, (t.definition::jsonb #- '{job,payload}')::text as definition,
         t.offset_ms, t.note, t.created_at, t.rule_since,
         (select o.due_at from schedule_occurrences o
          where o.schedule_id = t.schedule_id and o.due_at > clock_timestamp()
            and o.revision > t.withdrawn_revision and o.cancelled_at is null and o.kind in ('rule', 'moved')
          order by o.due_at limit 1) as next_due_at`;

type Part = { readonly text: string; readonly values: readonly (string | number)[] };

/** Not as it is already then: what is the newest of it came later. */
const changedAfter = (then: AsOf | undefined): readonly Part[] => {
  if (then === undefined) return [];
  return then.kind === 'time'
    ? [{ text: 'last_at > ?::timestamptz', values: [toTimestamp(then.at)] }]
    : [{ text: 'position > ?::bigint', values: [String(then.position)] }];
};

/** The first of one status, in the order of an index. */
const ofStatus = (
  status: ScheduleStatus,
  { ownerId, q }: ScheduleFilter,
  after: ScheduleKey | undefined,
  limit: number,
  more: readonly Part[] = [],
): Part => {
  const conditions: readonly Part[] = [
    { text: 'status = ?', values: [status] },
    ...(ownerId === undefined ? [] : [{ text: 'owner_id = ?', values: [ownerId] }]),
    ...(q === undefined ? [] : [{ text: 'name ilike ?', values: [containing(q)] }]),
    ...(after
      ? [
          {
            text: '(created_at, schedule_id) < (?::timestamptz, ?::uuid)',
            values: [toTimestamp(after.createdAt), after.scheduleId],
          },
        ]
      : []),
    ...more,
  ];
  return {
    text: `(select schedule_id, created_at from schedules where ${conditions.map(({ text }) => text).join(' and ')}
      order by created_at desc, schedule_id desc limit ?)`,
    values: [...conditions.flatMap(({ values }) => values), limit],
  };
};

const listed = (row: ListedRow): ListedSchedule => ({
  ...scheduleViewOf(row.schedule_id, {
    status: row.status,
    definition: JSON.parse(row.definition) as ScheduleDefinition, // the projection wrote it from a typed event
    offsetMs: Number(row.offset_ms),
    revision: BigInt(row.revision),
    createdAt: row.created_at.getTime(),
    ruleSince: row.rule_since.getTime(),
    ...(row.note !== null && { note: row.note }),
  }),
  nextDueAt: row.next_due_at && toTimestamp(row.next_due_at.getTime()),
});

export const scheduleList = (db: Knex): ScheduleList => ({
  list: async (filter, { limit, after }) => {
    const { status = living } = filter;
    if (status.length === 0) return { items: [] };
    // one more than asked for tells whether there is a next page
    const parts = status.map((one) => ofStatus(one, filter, after, limit + 1));
    const { rows } = await db.raw<{ rows: readonly ListedRow[] }>(
      `with page as (
         select * from (${parts.map(({ text }) => text).join(' union all ')}) found
         order by created_at desc, schedule_id desc limit ?)
       ${LISTED} from page join schedules t on t.schedule_id = page.schedule_id
       order by page.created_at desc, page.schedule_id desc`,
      [...parts.flatMap(({ values }) => values), limit + 1],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const items = shown.map(listed);
    return rows.length > limit && last
      ? {
          items,
          next: { createdAt: last.created_at.getTime(), scheduleId: last.schedule_id },
        }
      : { items };
  },

  made: async ({ deletedAfter, ...filter }, { limit, after }) => {
    const parts = scheduleStatuses.map((one) =>
      ofStatus(one, filter, after, limit, one === 'deleted' ? changedAfter(deletedAfter) : []),
    );
    const { rows } = await db.raw<{
      rows: readonly { readonly schedule_id: string; readonly created_at: Date }[];
    }>(
      `select * from (${parts.map(({ text }) => text).join(' union all ')}) found
       order by created_at desc, schedule_id desc limit ?`,
      [...parts.flatMap(({ values }) => values), limit],
    );
    return rows.map(({ schedule_id: scheduleId, created_at }) => ({
      createdAt: created_at.getTime(),
      scheduleId,
    }));
  },

  countLiving: async (ownerId, upTo) => {
    const { rows } = await db.raw<{ rows: readonly { readonly count: number }[] }>(
      `select count(*)::integer as count from (
         select from schedules where owner_id = ? and status in (${living.map(() => '?').join(', ')}) limit ?
       ) living`,
      [ownerId, ...living, upTo],
    );
    return rows[0]?.count ?? 0;
  },
});
