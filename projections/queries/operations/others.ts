import type { Knex } from 'knex';
import type { JobFilter } from '../../../domain/job/filter';
import { jobStatuses, type JobStatus } from '../../../domain/job/state';
import { toTimestamp, type Instant } from '../../../domain/time';
import { isSearch } from '../listed-jobs';
import { indexed, latestFirst, narrow } from '../narrow';
import { searchedIds } from '../searched-jobs';
import { among } from '../few-found';

/** Jobs that fit a filter but for their status. */
export type Others = {
  readonly others: readonly { readonly status: JobStatus; readonly count: number }[];
  /** False when there are more than were looked at: of each status there are at least so many. */
  readonly isComplete: boolean;
  /** How many of them were there at a moment that was asked about, and have started since. */
  readonly startedSince?: number;
};

export type AskedOthers = {
  readonly filter: JobFilter;
  /** Only these; each of them is looked at. */
  readonly jobIds?: readonly string[] | undefined;
  /** So many are looked at where none is named, the latest due time first. */
  readonly upTo: number;
  readonly since?: Instant | undefined;
};

type Row = {
  /** Null: all that were looked at. */
  readonly status: JobStatus | null;
  readonly count: number;
  readonly started: number;
};

const COLUMNS = ['status', 'queue', 'schedule_id', 'tags', 'name', 'scheduled_at', 'started_at'];

/** No clock is further ahead: what is due later than this by the clock of Postgres, nobody has sent. */
const SOON = `now() + interval '1 minute'`;
const SENT: readonly JobStatus[] = ['queued', 'running', 'succeeded'];

/**
 * The latest due of what indexes give. What is due soon and what is due later come each by themselves: an index has the
 * few of the latter that ended without being sent, and nobody reads past all that is still to come.
 */
const latest = (
  transaction: Knex,
  filter: JobFilter,
  statuses: readonly JobStatus[],
  limit: number,
): Knex.QueryBuilder => {
  const { scheduleId } = filter;
  const part = (when: string, status: readonly JobStatus[]): Knex.QueryBuilder => {
    const query = transaction('jobs').select(COLUMNS).whereRaw(when);
    narrow(query, { ...indexed(filter), status, ...(scheduleId && { scheduleId }) });
    return latestFirst(query, limit);
  };
  const unsent = statuses.filter((status) => !SENT.includes(status));
  return transaction.unionAll(
    [part(`due_at <= ${SOON}`, statuses), part(`due_at > ${SOON}`, unsent)],
    true,
  );
};

/** Counts by status what fits of some rows. */
const counted = async (
  transaction: Knex,
  lookedAt: Knex.QueryBuilder,
  { tag, queue, scheduleId, q }: JobFilter,
  statuses: readonly JobStatus[],
  { jobIds, upTo, since }: AskedOthers,
): Promise<Others> => {
  const fitting = transaction('looked_at').select(
    'status',
    transaction.raw('count(*)::integer as count'),
    since === undefined
      ? transaction.raw('0 as started')
      : transaction.raw(
          '(count(*) filter (where started_at > :since and scheduled_at <= :since))::integer as started',
          { since: toTimestamp(since) },
        ),
  );
  narrow(fitting, {
    status: statuses,
    ...(tag !== undefined && { tag }),
    ...(queue !== undefined && { queue }),
    ...(scheduleId !== undefined && { scheduleId }),
    ...(q !== undefined && { q }),
  });
  const all = transaction('looked_at').select(transaction.raw('null, count(*)::integer, 0'));
  const rows = (await transaction
    .with('looked_at', lookedAt)
    .unionAll([fitting.groupBy('status'), all], true)
    .orderBy('status')) as readonly Row[]; // the select lists are a Row's
  const seen = rows.find(({ status }) => status === null)?.count ?? 0;
  return {
    others: rows.flatMap(({ status, count }) => (status ? [{ status, count }] : [])),
    isComplete: jobIds !== undefined || seen <= upTo,
    ...(since !== undefined && {
      startedSince: rows.reduce((sum, { started }) => sum + started, 0),
    }),
  };
};

/** Of what such a share of those at hand has, the index would name too many. */
const MANY = 0.2;

const total = ({ others }: Others): number => others.reduce((sum, { count }) => sum + count, 0);

/**
 * What an operation would not be about of the jobs that were named, or that fit its filter but for their status. It
 * looks at a bounded number of them: a million cost no more.
 *
 * @param transaction  repeatable read
 */
export const othersOf = async (transaction: Knex, asked: AskedOthers): Promise<Others> => {
  const { jobIds, upTo, since } = asked;
  const { status: selected = jobStatuses, ...filter } = asked.filter;
  const possible = filter.errorCode === undefined ? jobStatuses : (['failed'] as const);
  const statuses = possible.filter((status) => !selected.includes(status));
  if (statuses.length === 0)
    return { others: [], isComplete: true, ...(since !== undefined && { startedSince: 0 }) };
  const countOf = (lookedAt: Knex.QueryBuilder): Promise<Others> =>
    counted(transaction, lookedAt, filter, statuses, asked);
  if (jobIds) {
    const named = transaction('jobs').select(COLUMNS);
    narrow(named, filter);
    among(named, jobIds);
    return await countOf(named);
  }
  const near = await countOf(latest(transaction, filter, statuses, upTo + 1));
  if (near.isComplete || !isSearch(filter) || total(near) > upTo * MANY) return near;
  const searched = await searchedIds(transaction, filter, { limit: upTo + 1, after: undefined });
  if (!searched) return near;
  const found = await countOf(transaction('jobs').select(COLUMNS).whereIn('job_id', searched.ids));
  return total(found) < total(near) ? near : found;
};
