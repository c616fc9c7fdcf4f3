import {
  compareKeys,
  isAfter,
  keyOf,
  type JobFilter,
  type JobKey,
} from '../../../domain/job/filter';
import type { JobStatus } from '../../../domain/job/state';
import { viewOf, type JobView } from '../../../domain/job/view';
import type { DeadLetters } from '../dead-letters';
import type { JobPage } from '../jobs';
import { firstOf, forEachInParts } from './in-parts';
import { deadLettersAmong } from './past-dead-letters';
import { pastDifferences, type DifferencePage, type DifferencesRequest } from './past-differences';
import type { FoldRequest, LeanListedJob } from './past-fold';
import { pastFolds, type PastFoldsDeps } from './past-folds';
import { resultOf } from './past-result';
import type { PastSnapshots } from './past-snapshots';
import { wantedOf } from './wanted';

/** Streams that are read at once for the results of a page. */
const READS_AT_ONCE = 8;

export type PastCountsRequest = Pick<FoldRequest, 'asOf' | 'signal' | 'onProgress'> & {
  readonly filter: JobFilter;
};

export type PastListRequest = PastCountsRequest & {
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: JobKey;
};

export type PastDeadLettersRequest = Omit<PastCountsRequest, 'filter'> & {
  /** Absent: everybody's. */
  readonly ownerId?: string | undefined;
  readonly maxCauses: number;
};

/** Each of them throws TooManyJobs, or the reason of an aborted `signal`. */
export type PastJobs = {
  /** A list as it stood then: same filters, same order, without payloads. */
  readonly list: (request: PastListRequest) => Promise<JobPage>;
  /** How many of each status there were; all of them are counted. */
  readonly counts: (
    request: PastCountsRequest,
  ) => Promise<Readonly<Partial<Record<JobStatus, number>>>>;
  /** Those that had failed for good by then and could be redriven, by cause: so many causes are told. */
  readonly deadLetters: (request: PastDeadLettersRequest) => Promise<DeadLetters>;
  /** In what a list differs between two moments. */
  readonly differences: (request: DifferencesRequest) => Promise<DifferencePage>;
};

export type PastJobsDeps = PastFoldsDeps & { readonly snapshots: PastSnapshots };

const listOrder = (a: LeanListedJob, b: LeanListedJob): number => compareKeys(keyOf(a), keyOf(b));

const foldOf = ({ asOf, filter: { ownerId }, signal, onProgress }: PastCountsRequest) => ({
  ...{ asOf, signal },
  ...(onProgress && { onProgress }),
  ...(ownerId !== undefined && { ownerId }),
});

/** Lists of the past, from snapshots and the log. */
export const pastJobs = (deps: PastJobsDeps): PastJobs => {
  const { snapshots } = deps;
  const folds = pastFolds(deps);

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
      const { filter, after, limit = Infinity, signal } = request;
      const jobs = await folds.of(foldOf(request));
      const isWanted = await wantedOf(snapshots, jobs, filter, signal);
      const first = firstOf(limit + 1, listOrder);
      await forEachInParts(jobs, signal, (job) => {
        if (isWanted(job) && isAfter(keyOf(job), after)) first.add(job);
      });
      const all = first.all();
      const page = all.slice(0, limit);
      const last = page.at(-1);
      const items = await viewed(page, signal);
      return all.length > limit && last ? { items, next: keyOf(last) } : { items };
    },
    counts: async (request) => {
      const { filter, signal } = request;
      const jobs = await folds.of(foldOf(request));
      const isWanted = await wantedOf(snapshots, jobs, filter, signal);
      const counts: Partial<Record<JobStatus, number>> = {};
      await forEachInParts(jobs, signal, (job) => {
        const { status } = job.job;
        if (isWanted(job)) counts[status] = (counts[status] ?? 0) + 1;
      });
      return counts;
    },
    deadLetters: async ({ ownerId, maxCauses, ...request }) => {
      const filter = ownerId === undefined ? {} : { ownerId };
      const jobs = await folds.of(foldOf({ ...request, filter }));
      return await deadLettersAmong(jobs, maxCauses, request.signal);
    },
    differences: pastDifferences({ folds, snapshots }),
  };
};
