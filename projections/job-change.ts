import type { JobDefinition, JobError, JobFact, Json } from '../domain/job/events';
import type { JobStatus } from '../domain/job/state';
import type { Timestamp } from '../domain/time';

/** A job's event with its place in the log, and its time as it was written: so it goes into the database. */
export type PlacedFact = JobFact & { readonly position: bigint; readonly recordedAt: Timestamp };

/** One status change as live listeners see it; what is absent stands in the job's row, unchanged by this batch so far. */
export type FeedRow = {
  readonly position: bigint;
  readonly status: JobStatus;
  readonly revision: bigint;
  readonly recordedAt: Timestamp;
  readonly attempt?: number;
  readonly dueAt?: Timestamp;
};

/** Columns that a change may set; an absent one keeps what the row has. */
type Columns = {
  readonly status?: JobStatus;
  readonly dueAt?: Timestamp;
  readonly attempt?: number;
  readonly delivery?: number;
  readonly dispatchedAt?: Timestamp;
  /** When the message under way was sent: with JobDispatched or the last JobRedispatched. */
  readonly sentAt?: Timestamp;
  readonly startedAt?: Timestamp;
  readonly finishedAt?: Timestamp;
  readonly executorId?: string;
  readonly abortRequested?: boolean;
  readonly result?: Json;
  readonly error?: JobError;
};

/** All events of one job in one batch as one change of its rows. */
export type JobChange = {
  readonly jobId: string;
  readonly firstRevision: bigint;
  readonly revision: bigint;
  readonly position: bigint;
  /** The job was scheduled in this batch: `columns` is all there is to it. */
  readonly created?: { readonly definition: JobDefinition; readonly scheduledAt: Timestamp };
  readonly columns: Columns;
  /** The traces of the attempt before (times, executor, result) are gone, unless `columns` has new ones. */
  readonly isUntried: boolean;
  /** Due times under which due_jobs may hold a row from before; also of this batch, which may be a repetition. */
  readonly leftDueAts: readonly Timestamp[];
  readonly feed: readonly FeedRow[];
};

type Step = {
  readonly columns: Columns;
  readonly status: JobStatus;
  readonly created?: JobDefinition;
  readonly isUntried?: boolean;
  readonly leftDueAt?: Timestamp;
};

const TIMESTAMP = /^\d{4}-(0[1-9]|1[0-2])-\d\dT[\d:.]+Z$/;

/** Becomes part of statements' texts, so nothing but a timestamp gets through. */
const readDueAt = (text: Timestamp): Timestamp => {
  if (!TIMESTAMP.test(text)) throw new RangeError(`${text} is no due time`);
  return text;
};

const scheduled = (dueAt: Timestamp, columns: Columns = {}): Step => ({
  columns: { ...columns, dueAt: readDueAt(dueAt) },
  status: 'scheduled',
  isUntried: true,
});

/** What one event changes. The same rules as the domain's `evolve`, for a row that is not at hand. */
const stepOf = (fact: PlacedFact): Step => {
  const { recordedAt: at } = fact;
  switch (fact.type) {
    case 'JobScheduled': {
      const { dueAt, ...definition } = fact.data;
      return { ...scheduled(dueAt, { attempt: 1 }), created: definition };
    }
    case 'JobRescheduled':
      return { ...scheduled(fact.data.dueAt), leftDueAt: readDueAt(fact.data.previousDueAt) };
    case 'JobCancelled':
      return {
        columns: { finishedAt: at },
        status: 'cancelled',
        leftDueAt: readDueAt(fact.data.dueAt),
      };
    case 'JobDispatched':
      return {
        columns: { dispatchedAt: at, sentAt: at, delivery: 1 },
        status: 'queued',
        isUntried: true,
        leftDueAt: readDueAt(fact.data.dueAt),
      };
    case 'JobRedispatched':
      return { columns: { sentAt: at, delivery: fact.data.delivery }, status: 'queued' };
    case 'JobStarted':
      return {
        columns: { startedAt: at, executorId: fact.data.executorId, abortRequested: false },
        status: 'running',
      };
    case 'JobSucceeded': {
      const { result } = fact.data;
      return {
        columns: { finishedAt: at, ...(result !== undefined && { result }) },
        status: 'succeeded',
      };
    }
    case 'JobAttemptFailed': {
      const { attempt, error, retryAt } = fact.data;
      return retryAt === undefined
        ? { columns: { error }, status: 'running' }
        : scheduled(retryAt, { error, attempt: attempt + 1 });
    }
    case 'JobFailed':
      return { columns: { finishedAt: at, error: fact.data.error }, status: 'failed' };
    case 'JobExpired':
      return {
        columns: { finishedAt: at },
        status: 'expired',
        leftDueAt: readDueAt(fact.data.dueAt),
      };
    case 'JobRedriven':
      return scheduled(fact.data.dueAt, { attempt: 1 });
    case 'JobAbortRequested':
      return { columns: { abortRequested: true }, status: 'running' };
    case 'JobAborted':
      return { columns: { finishedAt: at }, status: 'aborted' };
  }
};

/** What an attempt leaves behind and the next one must not see. A new attempt keeps the last error to show. */
const withoutTraces = ({ status, dueAt, attempt, error }: Columns): Columns => ({
  ...(status !== undefined && { status }),
  ...(dueAt !== undefined && { dueAt }),
  ...(attempt !== undefined && { attempt }),
  ...(error !== undefined && { error }),
});

const withoutError = ({ error: _earlierFailure, ...columns }: Columns): Columns => columns;

const columnsAfter = (before: Columns, { columns, status, isUntried }: Step): Columns => {
  const kept = isUntried === true ? withoutTraces(before) : before;
  return { ...(status === 'succeeded' ? withoutError(kept) : kept), ...columns, status };
};

const feedRow = (
  { position, revision, recordedAt }: PlacedFact,
  { status, attempt, dueAt }: Columns,
): FeedRow => ({
  position,
  revision,
  recordedAt,
  status: status ?? 'scheduled',
  ...(attempt !== undefined && { attempt }),
  ...(dueAt !== undefined && { dueAt }),
});

const withFact = (jobId: string, change: JobChange | undefined, fact: PlacedFact): JobChange => {
  const step = stepOf(fact);
  const { position, revision, recordedAt } = fact;
  const columns = columnsAfter(change?.columns ?? {}, step);
  const created = step.created
    ? { definition: step.created, scheduledAt: recordedAt }
    : change?.created;
  return {
    jobId,
    firstRevision: change?.firstRevision ?? revision,
    revision,
    position,
    ...(created && { created }),
    columns,
    isUntried: (change?.isUntried ?? false) || step.isUntried === true,
    leftDueAts: [
      ...(change?.leftDueAts ?? []),
      ...(step.leftDueAt === undefined ? [] : [step.leftDueAt]),
    ],
    feed: [...(change?.feed ?? []), feedRow(fact, columns)],
  };
};

/**
 * Folds the events of one job in one batch.
 *
 * @param facts  at least one, in the order of their revisions
 * @throws RangeError for a due time that is none
 */
export const jobChange = (jobId: string, facts: readonly PlacedFact[]): JobChange => {
  const change = facts.reduce<JobChange | undefined>(
    (before, fact) => withFact(jobId, before, fact),
    undefined,
  );
  if (!change) throw new Error(`no event of job ${jobId} to fold`);
  return change;
};
