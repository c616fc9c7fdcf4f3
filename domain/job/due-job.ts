import type { Instant } from '../time';
import type { JobDefinition } from './definition';

/**
 * A due time of a job, as it goes from its row to its message: what a dispatch needs to know. It carries its
 * revision, so it is a cached fold. Each step adds what it finds out, or what it needs besides.
 */
export type DueJob = Pick<JobDefinition, 'timeoutMs' | 'maxLatenessMs'> & {
  readonly jobId: string;
  readonly dueAt: Instant;
  readonly attempt: number;
  readonly revision: bigint;
};

/** What its message says of it besides. */
export type DueJobContent = Pick<JobDefinition, 'ownerId' | 'name' | 'location' | 'payload'>;
