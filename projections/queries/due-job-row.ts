import type { DueJob, DueJobContent } from '../../domain/job/due-job';
import { parseJson, type JobRow } from './job-row';

/** The columns that `due_jobs` and `jobs` have of a due job. */
export type DueJobRow = Pick<
  JobRow,
  | ('job_id' | 'due_at' | 'attempt' | 'revision' | 'timeout_ms' | 'max_lateness_ms')
  | ('owner_id' | 'name' | 'location' | 'queue')
> & { readonly position: string; readonly payload: string | null };

/** With the log position of the event that made it wait as it does. */
export type StoredDueJob = DueJob &
  DueJobContent & { readonly queue: string; readonly position: bigint };

export const storedDueJob = (row: DueJobRow): StoredDueJob => ({
  jobId: row.job_id,
  dueAt: row.due_at.getTime(),
  attempt: row.attempt,
  revision: BigInt(row.revision),
  position: BigInt(row.position),
  timeoutMs: Number(row.timeout_ms),
  ...(row.max_lateness_ms !== null && { maxLatenessMs: Number(row.max_lateness_ms) }),
  ownerId: row.owner_id,
  name: row.name,
  location: row.location,
  queue: row.queue,
  ...(row.payload !== null && { payload: parseJson(row.payload) }),
});
