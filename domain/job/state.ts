import type { Instant } from '../time';
import type { FailureCause, JobDefinition, JobError, Json } from './definition';

/** The attempt that last came to an end, and how; answers a report that comes twice. */
export type EndedAttempt = {
  readonly attempt: number;
  readonly token: bigint;
  readonly outcome: 'succeeded' | 'aborted' | FailureCause;
};

/** What every known job has, whatever its status. */
export type JobFacts = {
  readonly definition: JobDefinition;
  readonly dueAt: Instant;
  /** The attempt under way or to come, from 1. */
  readonly attempt: number;
  readonly revision: bigint;
  readonly scheduledAt: Instant;
  readonly dispatchedAt?: Instant;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly result?: Json;
  readonly error?: JobError;
  readonly endedAttempt?: EndedAttempt;
};

export type Scheduled = JobFacts & { readonly status: 'scheduled' };
export type Queued = JobFacts & {
  readonly status: 'queued';
  /** Revision of the JobDispatched or JobRedispatched that backs the message under way. */
  readonly dispatchedAtRevision: bigint;
  /** How often this attempt was sent, from 1. */
  readonly delivery: number;
};
export type Running = JobFacts & {
  readonly status: 'running';
  readonly startedAt: Instant;
  readonly executorId: string;
  /** Revision of JobStarted: the token that proves a report belongs to this attempt. */
  readonly token: bigint;
  readonly dispatchedAtRevision: bigint;
  readonly abortRequested: boolean;
};
export type Finished = JobFacts & {
  readonly status: 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'aborted';
  readonly finishedAt: Instant;
};

export type KnownJob = Scheduled | Queued | Running | Finished;
export type JobState = { readonly status: 'none' } | KnownJob;
export type JobStatus = KnownJob['status'];

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

// a record has the keys of its type
export const jobStatuses = Object.keys(statuses) as readonly JobStatus[];

export const isJobStatus = (text: string): text is JobStatus => Object.hasOwn(statuses, text);

export const initial: JobState = { status: 'none' };

/** How late the job started (or, not started yet, was dispatched), in ms; never negative; undefined before both. */
export const latenessMs = (
  job: Pick<JobFacts, 'dueAt' | 'dispatchedAt' | 'startedAt'>,
): number | undefined => {
  const at = job.startedAt ?? job.dispatchedAt;
  return at === undefined ? undefined : Math.max(0, at - job.dueAt);
};

type Placed = { readonly type: string; readonly at: Instant; readonly revision: bigint };

export const known = (state: JobState, fact: Placed): KnownJob => {
  if (state.status === 'none') throw new Error(`${fact.type} without a JobScheduled before it`);
  return state;
};

export const queued = (state: JobState, fact: Placed): Queued => {
  if (state.status !== 'queued') throw new Error(`${fact.type} in a job that is ${state.status}`);
  return state;
};

export const running = (state: JobState, fact: Placed): Running => {
  if (state.status !== 'running') throw new Error(`${fact.type} in a job that is ${state.status}`);
  return state;
};

/** The facts without the traces of an attempt, so that the next one starts clean. */
export const untried = ({
  definition,
  dueAt,
  attempt,
  scheduledAt,
  error,
  endedAttempt,
}: KnownJob): Omit<JobFacts, 'revision'> => ({
  definition,
  dueAt,
  attempt,
  scheduledAt,
  ...(error && { error }),
  ...(endedAttempt && { endedAttempt }),
});

export const factsOf = ({
  definition,
  dueAt,
  attempt,
  revision,
  scheduledAt,
  ...rest
}: KnownJob): JobFacts => ({
  definition,
  dueAt,
  attempt,
  revision,
  scheduledAt,
  ...(rest.dispatchedAt !== undefined && { dispatchedAt: rest.dispatchedAt }),
  ...(rest.startedAt !== undefined && { startedAt: rest.startedAt }),
  ...(rest.result !== undefined && { result: rest.result }),
  ...(rest.error && { error: rest.error }),
  ...(rest.endedAttempt && { endedAttempt: rest.endedAttempt }),
});

export const finished = (
  job: KnownJob,
  status: Finished['status'],
  { at, revision }: Placed,
  more: Partial<JobFacts> = {},
): Finished => ({ ...factsOf(job), ...more, status, revision, finishedAt: at });
