import type { AsOf } from '../../../domain/audit/as-of';
import { inListOrder, isListed, type JobFilter, type JobKey } from '../../../domain/job/filter';
import { viewOf, type JobView } from '../../../domain/job/view';
import type { JobPage } from '../jobs';
import { foldPast, type FoldDeps, type FoldRequest, type LeanListedJob } from './past-fold';
import { resultOf } from './past-result';
import type { PastSnapshots } from './past-snapshots';
import { turns } from './turns';

/** Each holds up to `maxJobs` in memory, a kilobyte a job. */
const FOLDS_AT_ONCE = 2;

/** Streams that are read at once for the results of a page. */
const READS_AT_ONCE = 8;

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
  const kept = new Map<string, readonly LeanListedJob[]>();
  return {
    get: (key: string): readonly LeanListedJob[] | undefined => {
      const jobs = kept.get(key);
      if (jobs) {
        kept.delete(key);
        kept.set(key, jobs);
      }
      return jobs;
    },
    keep: (key: string, jobs: readonly LeanListedJob[]): void => {
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
  const inTurn = turns(FOLDS_AT_ONCE);

  /** In the order of the list. */
  const folded = async ({ asOf, filter: { ownerId }, ...how }: PastListRequest) => {
    const key = JSON.stringify([keyOfAsOf(asOf), ownerId ?? null]);
    const known = recent.get(key);
    if (known) return known;
    return await inTurn(JSON.stringify(ownerId ?? null), how.signal, async () => {
      const meanwhile = recent.get(key); // the page before may have waited for the same
      if (meanwhile) return meanwhile;
      const request = { asOf, ...how, ...(ownerId !== undefined && { ownerId }) };
      const { jobs, isSettled } = await foldPast(deps, request);
      const ordered = inListOrder(jobs);
      if (isSettled && ordered.length <= keptJobs) recent.keep(key, ordered);
      return ordered;
    });
  };

  const named = async (jobs: readonly LeanListedJob[], part: string | undefined) => {
    if (part === undefined || jobs.length === 0) return jobs;
    const nameOf = ({ job }: LeanListedJob): string => job.definition.name;
    const names = await snapshots.havingPart([...new Set(jobs.map(nameOf))], part);
    return jobs.filter((job) => names.has(nameOf(job)));
  };

  const view = async ({ jobId, job }: LeanListedJob): Promise<JobView> => {
    if (!job.isResultLeftOut) return viewOf(jobId, job);
    const result = await resultOf(deps.log, jobId);
    return viewOf(jobId, { ...job, ...(result !== undefined && { result }) });
  };

  /** Results are read from the streams, few at a time. */
  const viewed = async (page: readonly LeanListedJob[], signal: AbortSignal) => {
    const views: JobView[] = [];
    for (let at = 0; at < page.length; at += READS_AT_ONCE) {
      signal.throwIfAborted();
      views.push(...(await Promise.all(page.slice(at, at + READS_AT_ONCE).map(view))));
    }
    return views;
  };

  return {
    list: async (request) => {
      const { filter, after, limit = Infinity } = request;
      const jobs = (await folded(request)).filter((job) => isListed(job, filter, after));
      const all = await named(jobs, filter.q);
      const page = all.slice(0, limit);
      const last = page.at(-1);
      const items = await viewed(page, request.signal);
      return all.length > limit && last
        ? { items, next: { dueAt: last.job.dueAt, jobId: last.jobId } }
        : { items };
    },
  };
};
