import type { Knex } from 'knex';
import type { JobStatus } from '../../../domain/job/state';
import type { Instant } from '../../../domain/time';
import { storedDueJob, type DueJobRow, type StoredDueJob } from '../due-job-row';

/** A dispatched job that has not started, as far as a look into the broker needs it. */
export type QueuedJob = Pick<StoredDueJob, 'jobId' | 'queue' | 'position'>;

/** The same with all that sending its message again needs. */
export type SentRow = StoredDueJob & { readonly delivery: number };

/** How a job stands whose message is in the broker. */
export type Standing = {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly revision: bigint;
};

/** A job that went back or came to an end, and may have left a message behind. */
export type LeftJob = QueuedJob;

export type QueuedJobs = {
  /** In the order of the log, after a position. */
  readonly page: (after: bigint, limit: number) => Promise<readonly QueuedJob[]>;
  /** Those of them that are still queued, the oldest due first. */
  readonly sent: (jobIds: readonly string[]) => Promise<readonly SentRow[]>;
  /** Queued and later than they may be at `now`. */
  readonly tooLate: (now: Instant, limit: number) => Promise<readonly string[]>;
  /** Those of them that the read model knows. */
  readonly standing: (jobIds: readonly string[]) => Promise<readonly Standing[]>;
  /** After a position, those that left the queue otherwise than by a start, and those that may have. */
  readonly left: (after: bigint, upTo: bigint, limit: number) => Promise<readonly LeftJob[]>;
  /** The database clock in whole milliseconds, and how far the read model is. */
  readonly look: () => Promise<{ readonly databaseNow: Instant; readonly position: bigint }>;
};

type Row = DueJobRow & {
  readonly delivery: number;
  readonly status: JobStatus;
  readonly now: string;
};

const PAGE = `
  select job_id, queue, position from jobs
  where status = 'queued' and position > ? order by position limit ?`;

const SENT = `
  select job_id, queue, position, attempt, delivery, revision, due_at, timeout_ms, max_lateness_ms,
         owner_id, name, location, payload::text as payload
  from jobs where job_id = any(?::uuid[]) and status = 'queued'
  order by due_at, position`;

const TOO_LATE = `
  select job_id from jobs
  where status = 'queued' and max_lateness_ms is not null
    and due_at < to_timestamp(?::double precision / 1000)
    and due_at < to_timestamp(?::double precision / 1000) - max_lateness_ms * interval '1 millisecond'
  order by due_at limit ?`;

const STANDING = `select job_id, status, revision from jobs where job_id = any(?::uuid[])`;

/** A job that was cancelled or expired undispatched has no \`dispatched_at\`; one that was moved has lost its own. */
const LEFT = `
  select f.job_id, j.queue, f.position from status_feed f join jobs j on j.job_id = f.job_id
  where f.position > ? and f.position <= ? and f.revision > 0
    and f.status in ('scheduled', 'cancelled', 'expired', 'failed')
    and (f.status = 'scheduled' or j.dispatched_at is not null)
  order by f.position limit ?`;

const LOOK = `
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now,
         (select position from checkpoint where projection = 'jobs') as position`;

const queuedJob = ({ job_id, queue, position }: Row): QueuedJob => ({
  jobId: job_id,
  queue,
  position: BigInt(position),
});

export const queuedJobs = (db: Knex): QueuedJobs => {
  const rows = async (
    text: string,
    values: readonly (string | number | string[])[],
  ): Promise<readonly Row[]> => (await db.raw<{ rows: readonly Row[] }>(text, [...values])).rows;
  return {
    page: async (after, limit) => (await rows(PAGE, [String(after), limit])).map(queuedJob),
    sent: async (jobIds) =>
      (await rows(SENT, [[...jobIds]])).map((row) => ({
        ...storedDueJob(row),
        delivery: row.delivery,
      })),
    tooLate: async (now, limit) =>
      (await rows(TOO_LATE, [now, now, limit])).map(({ job_id }) => job_id),
    standing: async (jobIds) =>
      (await rows(STANDING, [[...jobIds]])).map(({ job_id, status, revision }) => ({
        ...{ jobId: job_id, status },
        revision: BigInt(revision),
      })),
    left: async (after, upTo, limit) =>
      (await rows(LEFT, [String(after), String(upTo), limit])).map(queuedJob),
    look: async () => {
      const [row] = await rows(LOOK, []);
      if (!row) throw new Error('the database tells no time');
      return { databaseNow: Number(row.now), position: BigInt(row.position) };
    },
  };
};
