import type { AsOf } from '../../domain/audit/as-of';
import {
  inListOrder,
  isListed,
  type JobFilter,
  type JobKey,
  type ListedJob,
} from '../../domain/job/filter';
import { viewOf } from '../../domain/job/view';
import type { JobPage } from './jobs';
import { foldPast, type FoldDeps, type FoldRequest } from './past-fold';
import type { PastSnapshots } from './past-snapshots';

export type PastListRequest = Pick<FoldRequest, 'asOf' | 'signal' | 'onProgress'> & {
  readonly filter: JobFilter;
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: JobKey;
};

export type PastJobs = {
  /**
   * A list as it stood then: same filters, same order, without payloads.
   *
   * @throws TooManyJobs, or the reason of an aborted `signal`
   */
  readonly list: (request: PastListRequest) => Promise<JobPage>;
};

export type PastJobsDeps = FoldDeps & {
  readonly snapshots: PastSnapshots;
  /** So many answers are kept for the pages that follow… */
  readonly keptLists: number;
  /** …each of so many jobs at most. */
  readonly keptJobs: number;
};

const keyOfAsOf = (asOf: AsOf): string =>
  asOf.kind === 'time' ? `time ${asOf.at}` : `position ${asOf.position}`;

/** The lists that were folded last. The past does not change, so they stay true. */
const recentLists = (max: number) => {
  const kept = new Map<string, readonly ListedJob[]>();
  return {
    get: (key: string): readonly ListedJob[] | undefined => {
      const jobs = kept.get(key);
      if (jobs) {
        kept.delete(key);
        kept.set(key, jobs);
      }
      return jobs;
    },
    keep: (key: string, jobs: readonly ListedJob[]): void => {
      kept.set(key, jobs);
      const [oldest] = kept.keys();
      if (kept.size > max && oldest !== undefined) kept.delete(oldest);
    },
  };
};

/** Lists of the past, from snapshots and the log. */
export const pastJobs = (deps: PastJobsDeps): PastJobs => {
  const { snapshots, keptLists, keptJobs } = deps;
  const recent = recentLists(keptLists);

  /** In the order of the list. */
  const folded = async ({ asOf, filter: { ownerId }, ...how }: PastListRequest) => {
    const key = JSON.stringify([keyOfAsOf(asOf), ownerId ?? null]);
    const known = recent.get(key);
    if (known) return known;
    const request = { asOf, ...how, ...(ownerId !== undefined && { ownerId }) };
    const { jobs, isSettled } = await foldPast(deps, request);
    const ordered = inListOrder(jobs);
    if (isSettled && ordered.length <= keptJobs) recent.keep(key, ordered);
    return ordered;
  };

  const named = async (jobs: readonly ListedJob[], part: string | undefined) => {
    if (part === undefined || jobs.length === 0) return jobs;
    const nameOf = ({ job }: ListedJob): string => job.definition.name;
    const names = await snapshots.havingPart([...new Set(jobs.map(nameOf))], part);
    return jobs.filter((job) => names.has(nameOf(job)));
  };

  return {
    list: async (request) => {
      const { filter, after, limit = Infinity } = request;
      const jobs = (await folded(request)).filter((job) => isListed(job, filter, after));
      const all = await named(jobs, filter.q);
      const page = all.slice(0, limit);
      const last = page.at(-1);
      const items = page.map(({ jobId, job }) => viewOf(jobId, job));
      return all.length > limit && last
        ? { items, next: { dueAt: last.job.dueAt, jobId: last.jobId } }
        : { items };
    },
  };
};
