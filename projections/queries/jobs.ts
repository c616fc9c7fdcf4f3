import type { Knex } from 'knex';
import type { JobFilter, JobKey } from '../../domain/job/filter';
import type { JobView } from '../../domain/job/view';
import { fromTimestamp, toTimestamp } from '../../domain/time';
import { ERROR_CODE, IS_DEAD } from './dead-letters';
import { heldBackIn } from './dispatching/held-back';
import { JOB_COLUMNS, jobView, PAYLOAD_COLUMN, type JobRow } from './job-row';

export type JobPage = { readonly items: readonly JobView[]; readonly next?: JobKey };

export type JobQueries = {
  /** With its payload. */
  readonly one: (jobId: string) => Promise<JobView | undefined>;
  /** The latest due time first; without payloads. `next` is there when more follow. */
  readonly list: (
    filter: JobFilter,
    page: { readonly limit: number; readonly after?: JobKey },
  ) => Promise<JobPage>;
  /** Jobs of an owner that have not come to an end; stops counting at `upTo`. */
  readonly countPending: (ownerId: string, upTo: number) => Promise<number>;
};

/** A LIKE pattern for a literal part of a text. */
export const containing = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`;

/** Leaves those rows of `jobs` that fit. */
export const narrow = (query: Knex.QueryBuilder, filter: JobFilter): void => {
  const { ownerId, status, from, to, tag, queue, scheduleId, errorCode, q } = filter;
  if (ownerId !== undefined) void query.where('owner_id', ownerId);
  if (status !== undefined) void query.whereIn('status', status);
  if (from !== undefined) void query.where('due_at', '>=', toTimestamp(from));
  if (to !== undefined) void query.where('due_at', '<', toTimestamp(to));
  if (tag !== undefined) void query.whereRaw('tags @> array[?]::text[]', [tag]);
  if (queue !== undefined) void query.where('queue', queue);
  if (scheduleId !== undefined) void query.where('schedule_id', scheduleId);
  if (errorCode !== undefined) void query.whereRaw(`${IS_DEAD} and ${ERROR_CODE} = ?`, [errorCode]);
  if (q !== undefined) void query.whereRaw('name ilike ?', [containing(q)]);
};

/** Whether a row could have been dispatched already: only such a job can be held back. */
const IS_DUE = `(status = 'scheduled' and due_at <= now()) as is_due`;

type ListedRow = JobRow & { readonly is_due: boolean };

/** The rows as views, with what holds back those that are due: one look-up for all of them, none for the others. */
const viewsOf = async (db: Knex, rows: readonly ListedRow[]): Promise<readonly JobView[]> => {
  const due = rows.filter(({ is_due }) => is_due);
  if (due.length === 0) return rows.map(jobView);
  const heldBack = await heldBackIn(
    db,
    due.map(({ queue, owner_id: ownerId }) => ({ queue, ownerId })),
  );
  return rows.map((row) => {
    const view = jobView(row);
    const waitingFor = row.is_due ? heldBack(view) : undefined;
    return waitingFor ? { ...view, waitingFor } : view;
  });
};

const keyOf = ({ dueAt, jobId }: JobView): JobKey => ({ dueAt: fromTimestamp(dueAt), jobId });

export const jobQueries = (db: Knex): JobQueries => ({
  one: async (jobId) => {
    const { rows } = await db.raw<{ rows: readonly ListedRow[] }>(
      `select ${JOB_COLUMNS}, ${PAYLOAD_COLUMN}, ${IS_DUE} from jobs where job_id = ?`,
      [jobId],
    );
    return (await viewsOf(db, rows))[0];
  },

  list: async (filter, { limit, after }) => {
    const query = db('jobs').select(db.raw(`${JOB_COLUMNS}, ${IS_DUE}`));
    narrow(query, filter);
    if (after)
      void query.whereRaw('(due_at, job_id) < (?::timestamptz, ?::uuid)', [
        toTimestamp(after.dueAt),
        after.jobId,
      ]);
    // one more than asked for tells whether there is a next page
    const rows = await query
      .orderBy([
        { column: 'due_at', order: 'desc' },
        { column: 'job_id', order: 'desc' },
      ])
      .limit(limit + 1);
    // the select list is a ListedRow's
    const items = await viewsOf(db, (rows as readonly ListedRow[]).slice(0, limit));
    const last = items.at(-1);
    return rows.length > limit && last ? { items, next: keyOf(last) } : { items };
  },

  countPending: async (ownerId, upTo) => {
    const { rows } = await db.raw<{ rows: readonly { readonly count: number }[] }>(
      `select count(*)::integer as count from (
         select from jobs where owner_id = ? and status in ('scheduled', 'queued', 'running') limit ?
       ) pending`,
      [ownerId, upTo],
    );
    return rows[0]?.count ?? 0;
  },
});
