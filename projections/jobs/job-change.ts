import type { JobDefinition, JobError, Json } from '../../domain/job/definition';
import type { JobStatus } from '../../domain/job/state';
import type { Instant, Timestamp } from '../../domain/time';
import type { PlacedFact } from './placed-fact';

/** One status change as live listeners see it; what is absent stands in the job's row, unchanged by this batch so far. */
export type FeedRow = {
  readonly position: bigint;
  readonly status: JobStatus;
  readonly revision: bigint;
  readonly recordedAt: Timestamp;
  readonly attempt: number | undefined;
  readonly dueAt: Timestamp | undefined;
};

/** An attempt that started. */
export type Start = {
  readonly revision: bigint;
  readonly startedAt: Timestamp;
  /** When it was due; absent: as the job's row says. */
  readonly dueAt: Timestamp | undefined;
};

/** Columns that a change may set; an absent one keeps what the row has. */
type Columns = {
  readonly status?: JobStatus | undefined;
  readonly dueAt?: Timestamp | undefined;
  readonly attempt?: number | undefined;
  readonly delivery?: number;
  readonly dispatchedAt?: Timestamp;
  /** When the message under way was sent: with JobDispatched or the last JobRedispatched. */
  readonly sentAt?: Timestamp;
  readonly startedAt?: Timestamp;
  readonly finishedAt?: Timestamp;
  readonly executorId?: string;
  readonly abortRequested?: boolean;
  readonly result?: Json;
  readonly error?: JobError | undefined;
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
  readonly starts: readonly Start[];
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
      const { data } = fact;
      return { ...scheduled(data.dueAt, { attempt: 1 }), created: data };
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
      const { attempt, cause, error, retryAt } = fact.data;
      return retryAt === undefined
        ? { columns: { error }, status: cause === 'undeliverable' ? 'queued' : 'running' }
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
  status,
  dueAt,
  attempt,
  error,
});

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A change that is made event by event, in place: a rebuild folds millions. */
type Draft = Mutable<Omit<JobChange, 'columns' | 'leftDueAts' | 'feed' | 'starts'>> & {
  columns: Mutable<Columns>;
  readonly leftDueAts: Timestamp[];
  readonly feed: FeedRow[];
  readonly starts: Start[];
};

const begun = (jobId: string, { revision, position }: PlacedFact): Draft => ({
  jobId,
  firstRevision: revision,
  revision,
  position,
  columns: {},
  isUntried: false,
  leftDueAts: [],
  feed: [],
  starts: [],
});

const addColumns = (draft: Draft, { columns, status, isUntried }: Step): void => {
  if (isUntried === true) {
    draft.isUntried = true;
    draft.columns = withoutTraces(draft.columns);
  }
  if (status === 'succeeded') draft.columns.error = undefined; // of an attempt before
  Object.assign(draft.columns, columns);
  draft.columns.status = status;
};

/** Times before which events leave no trace in what is kept for a while. */
export type Since = { readonly feed: Instant; readonly starts: Instant };

const addStep = (draft: Draft, step: Step, fact: PlacedFact, since: Since): void => {
  const { position, revision, recordedAt } = fact;
  draft.position = position;
  draft.revision = revision;
  if (step.created) draft.created = { definition: step.created, scheduledAt: recordedAt };
  if (step.leftDueAt !== undefined) draft.leftDueAts.push(step.leftDueAt);
  addColumns(draft, step);
  const { attempt, dueAt } = draft.columns;
  if (fact.type === 'JobStarted' && fact.at >= since.starts)
    draft.starts.push({ revision, startedAt: recordedAt, dueAt });
  if (fact.at < since.feed) return;
  draft.feed.push({ position, revision, recordedAt, status: step.status, attempt, dueAt });
};

/** Folds the events of one batch, job by job. */
export type ChangeFold = {
  /** Takes the next event of a job. @throws RangeError for a due time that is none: nothing of it is taken */
  readonly add: (jobId: string, fact: PlacedFact) => void;
  /** A change for each job, in the order of their first events. */
  readonly changes: () => readonly JobChange[];
};

const always: Since = { feed: -Infinity, starts: -Infinity };

/** @param since  by default all events leave their traces */
export const changeFold = (since: Since = always): ChangeFold => {
  const drafts = new Map<string, Draft>();
  return {
    add: (jobId, fact) => {
      const step = stepOf(fact);
      const known = drafts.get(jobId);
      const draft = known ?? begun(jobId, fact);
      // Stryker disable next-line ConditionalExpression: what is there is put to where it is
      if (!known) drafts.set(jobId, draft);
      addStep(draft, step, fact, since);
    },
    changes: () => [...drafts.values()],
  };
};
