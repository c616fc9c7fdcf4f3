import type { JobError, Json, RetryPolicy } from '../../domain/job/definition';
import { latenessMs, type JobStatus } from '../../domain/job/state';
import type { JobView } from '../../domain/job/view';
import { toTimestamp, type Instant, type Timestamp } from '../../domain/time';

/** A row of `jobs` as the driver gives it: bigint as text; JSON as text too, which alone tells null from absent. */
export type JobRow = {
  readonly job_id: string;
  readonly revision: string;
  readonly due_at: Date;
  readonly scheduled_at: Date;
  readonly dispatched_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly timeout_ms: string;
  readonly cutoff_ms: string;
  readonly max_lateness_ms: string | null;
  readonly attempt: number;
  readonly status: JobStatus;
  readonly owner_id: string;
  readonly name: string;
  readonly location: string;
  readonly queue: string;
  readonly schedule_id: string | null;
  readonly occurrence_at: Date | null;
  readonly tags: readonly string[];
  readonly retry: string;
  readonly payload?: string | null;
  readonly result: string | null;
  readonly error: string | null;
};

/** Select list of a JobRow without its payload, which is up to 64 KiB. */
export const JOB_COLUMNS = `job_id, revision, due_at, scheduled_at, dispatched_at, started_at, finished_at,
  timeout_ms, cutoff_ms, max_lateness_ms, attempt, status, owner_id, name, location, queue, schedule_id, occurrence_at,
  tags, retry::text as retry, result::text as result, error::text as error`;

export const PAYLOAD_COLUMN = 'payload::text as payload';

const instant = (at: Date | null): Instant | undefined => at?.getTime();

const timestampOrNull = (at: Date | null): Timestamp | null =>
  at ? toTimestamp(at.getTime()) : null;

const lateness = (row: JobRow): number | null => {
  const dispatchedAt = instant(row.dispatched_at);
  const startedAt = instant(row.started_at);
  const late = latenessMs({
    dueAt: row.due_at.getTime(),
    ...(dispatchedAt !== undefined && { dispatchedAt }),
    ...(startedAt !== undefined && { startedAt }),
  });
  return late ?? null;
};

// the casts below: the projection wrote these columns from typed events, as JSON

export const parseJson = (text: string): Json => JSON.parse(text) as Json;

/** A row as the view that the domain's `viewOf` gives at the same revision. */
export const jobView = (row: JobRow): JobView => ({
  jobId: row.job_id,
  ownerId: row.owner_id,
  name: row.name,
  status: row.status,
  dueAt: toTimestamp(row.due_at.getTime()),
  location: row.location,
  queue: row.queue,
  attempt: row.attempt,
  revision: Number(row.revision),
  tags: row.tags,
  timeoutMs: Number(row.timeout_ms),
  retry: JSON.parse(row.retry) as RetryPolicy,
  cutoffMs: Number(row.cutoff_ms),
  ...(row.max_lateness_ms !== null && { maxLatenessMs: Number(row.max_lateness_ms) }),
  scheduledAt: toTimestamp(row.scheduled_at.getTime()),
  dispatchedAt: timestampOrNull(row.dispatched_at),
  startedAt: timestampOrNull(row.started_at),
  finishedAt: timestampOrNull(row.finished_at),
  latenessMs: lateness(row),
  ...(typeof row.payload === 'string' && { payload: parseJson(row.payload) }),
  ...(row.result !== null && { result: parseJson(row.result) }),
  ...(row.error !== null && { error: JSON.parse(row.error) as JobError }),
  ...(row.schedule_id !== null && { scheduleId: row.schedule_id }),
  ...(row.occurrence_at && { occurrenceAt: toTimestamp(row.occurrence_at.getTime()) }),
});
