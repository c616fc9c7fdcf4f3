import type { JobStatus } from './state';

/** Record instead of a list: a new status without an entry does not compile. */
const statuses: Readonly<Record<JobStatus, true>> = {
  scheduled: true,
  queued: true,
  running: true,
  succeeded: true,
  failed: true,
  cancelled: true,
  expired: true,
  aborted: true,
};

export const jobStatuses: readonly string[] = Object.keys(statuses);

export const isJobStatus = (text: string): text is JobStatus => Object.hasOwn(statuses, text);
