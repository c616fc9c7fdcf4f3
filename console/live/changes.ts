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

/** The same page where nothing has changed, so that nothing is drawn again. */
const changedPage = (page: JobPage, changes: Changes): JobPage => {
  if (!page.items.some(({ jobId }) => changes.has(jobId))) return page;
  const items = page.items.map((job) => {
    const change = changes.get(job.jobId);
    return change ? changed(job, change) : job;
  });
  return items.every((job, at) => job === page.items[at]) ? page : { ...page, items };
};

const changedPages = (pages: JobPages, changes: Changes): JobPages => {
  const next = pages.pages.map((page) => changedPage(page, changes));
  return next.every((page, at) => page === pages.pages[at]) ? pages : { ...pages, pages: next };
};

export type Subscribe = (listener: (changes: Changes) => void) => () => void;

/** A page with what was told while it was read: the server may have read it before. */
export const readHearing = async (
  subscribe: Subscribe,
  read: () => Promise<JobPage>,
): Promise<JobPage> => {
  const heard = new Map<string, StatusChange>();
  const stop = subscribe((changes) => {
    for (const change of changes.values()) fold(heard, change);
  });
  try {
    return changedPage(await read(), heard);
  } finally {
    stop();
  }
};

const isOfOneJob = ([kind]: readonly unknown[]): boolean => kind === 'job';

/** Puts changes into what is shown: rows in their places; what has to be read again for them is marked. */
export const applyChanges = (client: QueryClient, changes: Changes): void => {
  client.setQueriesData<JobPages>({ queryKey: ['jobs', 'list'] }, (pages) =>
    pages ? changedPages(pages, changes) : pages,
  );
  // nobody counts what comes for a list that nobody sees: it is read when it is opened again
  void client.invalidateQueries({
    queryKey: ['jobs', 'list'],
    type: 'inactive',
    refetchType: 'none',
  });
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
