import type { Knex } from 'knex';
import type { JobFilter } from '../../domain/job/filter';
import type { JobStatus } from '../../domain/job/state';
import { among, AT_ONE_MOMENT, FEW, found } from './few-found';
import { isSearch } from './listed-jobs';
import { indexed, latestFirst, narrow } from './narrow';

export type JobCounts = {
  readonly counts: Readonly<Partial<Record<JobStatus, number>>>;
  /** False when there are more jobs than were looked at: of each status there are at least so many. */
  readonly isComplete: boolean;
};

/**
 * Jobs by status.
 *
 * @param upTo  so many are looked at, the latest due time first
 */
export type CountJobs = (filter: Omit<JobFilter, 'status'>, upTo: number) => Promise<JobCounts>;

/** Without a status: all that were looked at. */
type Row = { readonly status: JobStatus | null; readonly count: number };

const counted = async (
  db: Knex,
  lookedAt: Knex.QueryBuilder,
  { tag, queue, scheduleId, q }: JobFilter,
  upTo: number,
): Promise<JobCounts> => {
  const fitting = db('looked_at').select('status', db.raw('count(*)::integer as count'));
  narrow(fitting, {
    ...(tag !== undefined && { tag }),
    ...(queue !== undefined && { queue }),
    ...(scheduleId !== undefined && { scheduleId }),
    ...(q !== undefined && { q }),
  });
  const all = db('looked_at').select(db.raw('null, count(*)::integer'));
  const rows = (await db
    .with('looked_at', lookedAt)
    .unionAll([fitting.groupBy('status'), all], true)) as readonly Row[]; // the select lists are a Row's
  const ofStatus = rows.flatMap(({ status, count }) => (status ? [[status, count]] : []));
  const seen = rows.find(({ status }) => status === null)?.count ?? 0;
  return {
    counts: Object.fromEntries(ofStatus) as JobCounts['counts'], // pairs of a status and its count
    isComplete: seen <= upTo,
  };
};

const COLUMNS = ['status', 'queue', 'schedule_id', 'tags', 'name'];

/** Of what such a share of the latest jobs has, the index of searches would name too many. */
const RARE = 0.02;

const total = ({ counts }: JobCounts): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/**
 * It reads a bounded number of rows in the order of an index: a million jobs cost no more. What is rare among these is
 * looked for among all by the index of searches.
 */
export const jobCounts =
  (db: Knex): CountJobs =>
  async (filter, upTo) => {
    const latest = db('jobs').select(COLUMNS);
    narrow(latest, indexed(filter));
    const near = await counted(db, latestFirst(latest, upTo + 1), filter, upTo);
    if (near.isComplete || !isSearch(filter) || total(near) > upTo * RARE) return near;
    return await db.transaction(async (transaction) => {
      const jobIds = await found(transaction, filter, FEW + 1);
      if (!jobIds) return near;
      const named = transaction('jobs').select(COLUMNS);
      narrow(named, indexed(filter));
      among(named, jobIds);
      const { counts } = await counted(transaction, named, filter, FEW);
      const far = { counts, isComplete: jobIds.length <= FEW };
      return !far.isComplete && total(far) < total(near) ? near : far;
    }, AT_ONE_MOMENT);
  };
