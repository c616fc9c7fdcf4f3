import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Job, JobPage, JobStatus, StatusChange } from '../http/answers';

/** The newest change of each job since the last look; of two, the later one holds. */
export type Changes = ReadonlyMap<string, StatusChange>;

export const fold = (into: Map<string, StatusChange>, change: StatusChange): void => {
  const known = into.get(change.jobId);
  if (!known || known.revision < change.revision) into.set(change.jobId, change);
};

const FINISHED: ReadonlySet<JobStatus> = new Set([
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'aborted',
]);

export const isFinished = (status: JobStatus): boolean => FINISHED.has(status);

const latenessAfter = (job: Job, { status, at, dueAt }: StatusChange): number | null => {
  if (status === 'scheduled') return null;
  if (status !== 'queued' && status !== 'running') return job.latenessMs;
  return Math.max(0, Date.parse(at) - Date.parse(dueAt));
};

/** The row after a change, as the server would give it, as far as a row shows it. */
const changed = (job: Job, change: StatusChange): Job => {
  if (change.revision <= job.revision) return job;
  const { status, attempt, dueAt, revision, at } = change;
  const { waitingFor: _, ...rest } = job;
  return {
    ...rest,
    ...{ status, attempt, dueAt, revision, latenessMs: latenessAfter(job, change) },
    startedAt: status === 'running' ? at : status === 'scheduled' ? null : job.startedAt,
    dispatchedAt: status === 'queued' ? at : status === 'scheduled' ? null : job.dispatchedAt,
    finishedAt: isFinished(status) ? at : null,
  };
};

export type JobPages = InfiniteData<JobPage, string | undefined>;

/** The same pages where nothing has changed, so that nothing is drawn again. */
const changedPages = (pages: JobPages, changes: Changes): JobPages => {
  let isSame = true;
  const next = pages.pages.map((page) => {
    if (!page.items.some(({ jobId }) => changes.has(jobId))) return page;
    const items = page.items.map((job) => {
      const change = changes.get(job.jobId);
      return change ? changed(job, change) : job;
    });
    if (items.every((job, at) => job === page.items[at])) return page;
    isSame = false;
    return { ...page, items };
  });
  return isSame ? pages : { ...pages, pages: next };
};

const isOfOneJob = ([kind]: readonly unknown[]): boolean => kind === 'job';

/** Puts changes into what is shown: rows in their places; pages of single jobs are marked, to be read again. */
export const applyChanges = (client: QueryClient, changes: Changes): void => {
  client.setQueriesData<JobPages>({ queryKey: ['jobs', 'list'] }, (pages) =>
    pages ? changedPages(pages, changes) : pages,
  );
  // few jobs are open and thousands change: so the open ones are looked for, not the changed ones
  void client.invalidateQueries({
    predicate: ({ queryKey }) => isOfOneJob(queryKey) && changes.has(String(queryKey[1])),
    refetchType: 'none',
  });
};

/** Reads again what was marked of single jobs and is shown. */
export const rereadJobs = (client: QueryClient): Promise<void> =>
  client.refetchQueries({
    type: 'active',
    predicate: ({ queryKey, state }) => isOfOneJob(queryKey) && state.isInvalidated,
  });

/** Puts a job as it was just read into every place that shows it. */
export const applyJob = (client: QueryClient, job: Job): void => {
  client.setQueryData<Job>(['job', job.jobId], job);
  void client.invalidateQueries({ queryKey: ['job', job.jobId, 'story'] });
  void client.invalidateQueries({ queryKey: ['job', job.jobId, 'events'] });
  void client.invalidateQueries({ queryKey: ['jobs', 'counts'] });
  client.setQueriesData<JobPages>(
    { queryKey: ['jobs', 'list'] },
    (pages) =>
      pages && {
        ...pages,
        pages: pages.pages.map((page) => ({
          ...page,
          items: page.items.map((one) =>
            one.jobId === job.jobId && one.revision <= job.revision ? job : one,
          ),
        })),
      },
  );
};
