import { fromTimestamp, type Instant } from '../time';
import type { JobFact } from './events';
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

export const initial: JobState = { status: 'none' };

/** How late the job started (or, not started yet, was dispatched), in ms; never negative; undefined before both. */
export const latenessMs = (
  job: Pick<JobFacts, 'dueAt' | 'dispatchedAt' | 'startedAt'>,
): number | undefined => {
  const at = job.startedAt ?? job.dispatchedAt;
  return at === undefined ? undefined : Math.max(0, at - job.dueAt);
};

const known = (state: JobState, fact: JobFact): KnownJob => {
  if (state.status === 'none') throw new Error(`${fact.type} without a JobScheduled before it`);
  return state;
};

const running = (state: JobState, fact: JobFact): Running => {
  if (state.status !== 'running') throw new Error(`${fact.type} in a job that is ${state.status}`);
  return state;
};

/** The facts without the traces of an attempt, so that the next one starts clean. */
const untried = ({
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

const factsOf = ({
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
  ...(rest.finishedAt !== undefined && { finishedAt: rest.finishedAt }),
  ...(rest.result !== undefined && { result: rest.result }),
  ...(rest.error && { error: rest.error }),
  ...(rest.endedAttempt && { endedAttempt: rest.endedAttempt }),
});

const finished = (
  job: KnownJob,
  status: Finished['status'],
  { at, revision }: JobFact,
  more: Partial<JobFacts> = {},
): Finished => ({ ...factsOf(job), ...more, status, revision, finishedAt: at });

const attemptFailed = (
  state: JobState,
  fact: Extract<JobFact, { type: 'JobAttemptFailed' }>,
): JobState => {
  const { cause, error, retryAt } = fact.data;
  // nobody has a token of an attempt that was never begun, so there is no report of it to answer
  const isBegun = state.status !== 'queued' || cause !== 'undeliverable';
  const job = isBegun ? running(state, fact) : state;
  const endedAttempt: EndedAttempt | undefined =
    job.status === 'running'
      ? { attempt: job.attempt, token: job.token, outcome: cause }
      : job.endedAttempt;
  const ended = { revision: fact.revision, error, ...(endedAttempt && { endedAttempt }) };
  if (retryAt === undefined) return { ...job, ...ended };
  return {
    ...untried(job),
    ...ended,
    status: 'scheduled',
    dueAt: fromTimestamp(retryAt),
    attempt: job.attempt + 1,
  };
};

/** The job after one more fact. @throws Error for a fact that no decision could have recorded: the stream is broken. */
export const evolve = (state: JobState, fact: JobFact): JobState => {
  const { revision, at } = fact;
  switch (fact.type) {
    case 'JobScheduled': {
      const { dueAt, ...definition } = fact.data;
      return {
        status: 'scheduled',
        definition,
        dueAt: fromTimestamp(dueAt),
        attempt: 1,
        revision,
        scheduledAt: at,
      };
    }
    case 'JobRescheduled':
      return {
        ...untried(known(state, fact)),
        status: 'scheduled',
        revision,
        dueAt: fromTimestamp(fact.data.dueAt),
      };
    case 'JobCancelled':
      return finished(known(state, fact), 'cancelled', fact);
    case 'JobDispatched':
      return {
        ...untried(known(state, fact)),
        status: 'queued',
        revision,
        dispatchedAt: at,
        dispatchedAtRevision: revision,
        delivery: 1,
      };
    case 'JobRedispatched': {
      if (state.status !== 'queued')
        throw new Error(`JobRedispatched in a job that is ${state.status}`);
      return { ...state, revision, dispatchedAtRevision: revision, delivery: fact.data.delivery };
    }
    case 'JobStarted': {
      if (state.status !== 'queued') throw new Error(`JobStarted in a job that is ${state.status}`);
      return {
        ...factsOf(state),
        status: 'running',
        revision,
        startedAt: at,
        executorId: fact.data.executorId,
        token: revision,
        dispatchedAtRevision: state.dispatchedAtRevision,
        abortRequested: false,
      };
    }
    case 'JobSucceeded': {
      const { error: _earlierFailure, ...job } = running(state, fact);
      return finished(job, 'succeeded', fact, {
        ...(fact.data.result !== undefined && { result: fact.data.result }),
        endedAttempt: { attempt: job.attempt, token: job.token, outcome: 'succeeded' },
      });
    }
    case 'JobAttemptFailed':
      return attemptFailed(state, fact);
    case 'JobFailed':
      return finished(known(state, fact), 'failed', fact, { error: fact.data.error });
    case 'JobExpired':
      return finished(known(state, fact), 'expired', fact);
    case 'JobRedriven':
      return {
        ...untried(known(state, fact)),
        status: 'scheduled',
        revision,
        dueAt: fromTimestamp(fact.data.dueAt),
        attempt: 1,
      };
    case 'JobAbortRequested':
      return { ...running(state, fact), revision, abortRequested: true };
    case 'JobAborted': {
      const job = running(state, fact);
      return finished(job, 'aborted', fact, {
        endedAttempt:
          job.endedAttempt?.token === job.token
            ? job.endedAttempt
            : { attempt: job.attempt, token: job.token, outcome: 'aborted' },
      });
    }
  }
};
