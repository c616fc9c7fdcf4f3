import type { Knex } from 'knex';
import type { JobFilter } from '../../domain/job/filter';
import type { JobStatus } from '../../domain/job/state';
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

/** It reads a bounded number of rows in the order of an index: a million jobs cost no more. */
export const jobCounts =
  (db: Knex): CountJobs =>
  async (filter, upTo) => {
    const lookedAt = db('jobs').select('status', 'queue', 'schedule_id', 'tags', 'name');
    narrow(lookedAt, indexed(filter));
    void latestFirst(lookedAt, upTo + 1);
    const { ownerId: _, from: __, to: ___, errorCode: ____, ...rest } = filter;
    const counted = db('looked_at').select('status', db.raw('count(*)::integer as count'));
    narrow(counted, rest);
    const all = db('looked_at').select(db.raw('null, count(*)::integer'));
    const rows = (await db
      .with('looked_at', lookedAt)
      .unionAll([counted.groupBy('status'), all], true)) as readonly Row[]; // the select lists are a Row's
    const ofStatus = rows.flatMap(({ status, count }) => (status ? [[status, count]] : []));
    const seen = rows.find(({ status }) => status === null)?.count ?? 0;
    return {
      counts: Object.fromEntries(ofStatus) as JobCounts['counts'], // pairs of a status and its count
      isComplete: seen <= upTo,
    };
  };
