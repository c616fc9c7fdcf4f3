import type { Instant } from '../time';
import type { JobStatus, KnownJob } from './state';

export type JobFilter = {
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string;
  readonly status?: readonly JobStatus[];
  /** Due at this time or later. */
  readonly from?: Instant;
  /** Due before this time. */
  readonly to?: Instant;
  readonly tag?: string;
  readonly queue?: string;
  readonly scheduleId?: string;
  /** Failed for good with an error of this code. */
  readonly errorCode?: string;
  /** Part of the name, read literally, upper and lower case alike. */
  readonly q?: string;
};

/** A place in a list: the last job that was seen. */
export type JobKey = { readonly dueAt: Instant; readonly jobId: string };

/** A job of a list that is folded from the log. */
export type ListedJob = { readonly jobId: string; readonly job: KnownJob };

/** Where it stands in a list. */
export const keyOf = ({ jobId, job: { dueAt } }: ListedJob): JobKey => ({ dueAt, jobId });

/** The order of all lists: the latest due time first, then by id, which sorts as text as it does as a UUID. */
export const compareKeys = (a: JobKey, b: JobKey): number => {
  if (a.dueAt !== b.dueAt) return b.dueAt - a.dueAt;
  if (a.jobId === b.jobId) return 0;
  return a.jobId < b.jobId ? 1 : -1;
};

/** Whether a place comes after another one, or there is no other one. */
export const isAfter = (key: JobKey, other: JobKey | undefined): boolean =>
  other === undefined || compareKeys(other, key) < 0;

/** Whether a job belongs on the list; `q` aside, for only the database knows what it takes for the same letter. */
export const isListed = ({ job }: ListedJob, filter: Omit<JobFilter, 'q'>): boolean => {
  const { definition, dueAt, status } = job;
  const { from, to, tag } = filter;
  return (
    (filter.ownerId === undefined || definition.ownerId === filter.ownerId) &&
    (filter.status === undefined || filter.status.includes(status)) &&
    (from === undefined || dueAt >= from) &&
    (to === undefined || dueAt < to) &&
    (tag === undefined || definition.tags.includes(tag)) &&
    (filter.queue === undefined || definition.queue === filter.queue) &&
    (filter.scheduleId === undefined || definition.scheduleId === filter.scheduleId) &&
    (filter.errorCode === undefined ||
      (status === 'failed' && job.error?.code === filter.errorCode))
  );
};
