import { accept, type Accepted } from '../decider';
import { toTimestamp, type Instant } from '../time';
import type { JobEvent } from './events';
import type { FailureCause, JobError } from './definition';
import { retryDelayMs } from './retry';
import type { Queued, Running } from './state';

type Failure = {
  readonly at: Instant;
  readonly draw: number;
  readonly cause: FailureCause;
  readonly error: JobError;
  readonly seenMs?: number;
  readonly retryable: boolean;
};

/** The end of an attempt that did not succeed: another try by policy, an abort that was asked for, or a dead letter. */
export const decideFailure = (
  job: Running | Queued,
  { at, draw, cause, error, seenMs, retryable }: Failure,
): Accepted<JobEvent> => {
  const { attempt, definition } = job;
  const { retry } = definition;
  const failed = { attempt, cause, error, ...(seenMs !== undefined && { seenMs }) };
  if (job.status === 'running' && job.abortRequested)
    return accept(
      { type: 'JobAttemptFailed', data: failed },
      { type: 'JobAborted', data: { attempt } },
    );
  if (retryable && attempt < retry.maxAttempts) {
    const retryAt = toTimestamp(at + retryDelayMs(attempt, retry, draw));
    return accept({ type: 'JobAttemptFailed', data: { ...failed, retryAt } });
  }
  return accept(
    { type: 'JobAttemptFailed', data: failed },
    { type: 'JobFailed', data: { attempts: attempt, error } },
  );
};
