import type { Knex } from 'knex';
import type { JobFilter, JobKey } from '../../domain/job/filter';
import type { JobView } from '../../domain/job/view';
import { fromTimestamp } from '../../domain/time';
import { heldBackIn } from './dispatching/held-back';
import { jobView, PAYLOAD_COLUMN } from './job-row';
import { LISTED_COLUMNS, listedRows, type ListedRow } from './listed-jobs';

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

const NEARBY = 2_000;

/** @param nearby  so many jobs of the list are looked at before the index of searches; by default 2,000 */
export const jobQueries = (db: Knex, nearby = NEARBY): JobQueries => ({
  one: async (jobId) => {
    const { rows } = await db.raw<{ rows: readonly ListedRow[] }>(
      `select ${LISTED_COLUMNS}, ${PAYLOAD_COLUMN} from jobs where job_id = ?`,
      [jobId],
    );
    return (await viewsOf(db, rows))[0];
  },

  list: async (filter, { limit, after }) => {
    // one more than asked for tells whether there is a next page
    const rows = await listedRows(db, filter, { limit: limit + 1, after, nearby });
    const items = await viewsOf(db, rows.slice(0, limit));
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
