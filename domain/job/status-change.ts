import type { Timestamp } from '../time';
import type { JobStatus } from './state';

/** A change of a job's status, as it is told. */
export type StatusChange = {
  /** Of the event that made it. */
  readonly position: bigint;
  readonly jobId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly revision: number;
  readonly attempt: number;
  readonly dueAt: Timestamp;
  readonly at: Timestamp;
};
