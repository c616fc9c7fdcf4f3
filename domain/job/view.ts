import type { HeldBack } from '../shares/held-back';
import { toTimestamp, type Instant, type Timestamp } from '../time';
import type { JobDefinition, JobError, Json } from './definition';
import { latenessMs, type JobStatus, type KnownJob } from './state';

/** A job as answers show it: JSON as it is. Times that have not come yet are null; lists leave out payloads, of up to 64 KiB each. */
export type JobView = JobDefinition & {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly dueAt: Timestamp;
  readonly attempt: number;
  readonly revision: number;
  readonly scheduledAt: Timestamp;
  readonly dispatchedAt: Timestamp | null;
  readonly startedAt: Timestamp | null;
  readonly finishedAt: Timestamp | null;
  readonly latenessMs: number | null;
  readonly result?: Json;
  readonly error?: JobError;
  /** Of a due job that is held back, as long as it is: no fact, so no fold has it. */
  readonly waitingFor?: HeldBack;
};

const timestampOrNull = (at: Instant | undefined): Timestamp | null =>
  at === undefined ? null : toTimestamp(at);

/** The fold of a job's stream as a view. The read model must say the same at the same revision. */
export const viewOf = (jobId: string, job: KnownJob): JobView => {
  const { definition } = job;
  return {
    jobId,
    ownerId: definition.ownerId,
    name: definition.name,
    status: job.status,
    dueAt: toTimestamp(job.dueAt),
    location: definition.location,
    queue: definition.queue,
    attempt: job.attempt,
    revision: Number(job.revision),
    tags: definition.tags,
    timeoutMs: definition.timeoutMs,
    retry: definition.retry,
    cutoffMs: definition.cutoffMs,
    ...(definition.maxLatenessMs !== undefined && { maxLatenessMs: definition.maxLatenessMs }),
    scheduledAt: toTimestamp(job.scheduledAt),
    dispatchedAt: timestampOrNull(job.dispatchedAt),
    startedAt: timestampOrNull(job.startedAt),
    finishedAt: timestampOrNull(job.finishedAt),
    latenessMs: latenessMs(job) ?? null,
    ...(definition.payload !== undefined && { payload: definition.payload }),
    ...(job.result !== undefined && { result: job.result }),
    ...(job.error && { error: job.error }),
    ...(definition.scheduleId !== undefined && { scheduleId: definition.scheduleId }),
    ...(definition.occurrenceAt !== undefined && { occurrenceAt: definition.occurrenceAt }),
  };
};
