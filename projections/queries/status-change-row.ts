import type { JobStatus } from '../../domain/job/state';
import type { StatusChange } from '../../domain/job/status-change';
import { toTimestamp } from '../../domain/time';

/** A row of `status_feed`. */
export type StatusChangeRow = {
  readonly position: string;
  readonly job_id: string;
  readonly owner_id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly revision: string;
  readonly attempt: number;
  readonly due_at: Date;
  readonly at: Date;
};

/** Of the columns that it names; rows may have more. */
export const statusChange = (row: StatusChangeRow): StatusChange => ({
  position: BigInt(row.position),
  jobId: row.job_id,
  ownerId: row.owner_id,
  name: row.name,
  status: row.status,
  revision: Number(row.revision),
  attempt: row.attempt,
  dueAt: toTimestamp(row.due_at.getTime()),
  at: toTimestamp(row.at.getTime()),
});
