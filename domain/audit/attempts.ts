import type { JobError } from '../job/definition';
import { kindOf, type JobFact } from '../job/events';
import { toTimestamp, type Timestamp } from '../time';

/** How an attempt ended; `withdrawn`: the job was moved or cancelled before anybody had started it. */
export const attemptEnds = [
  'succeeded',
  'aborted',
  'reported',
  'timed-out',
  'executor-lost',
  'undeliverable',
  'withdrawn',
  'expired',
] as const;

/** One try at a job, from the message that was sent for it. What has not come yet is null. */
export type Attempt = {
  /** From 1, and from 1 again when the job is redriven. */
  readonly attempt: number;
  readonly dueAt: Timestamp;
  readonly dispatchedAt: Timestamp;
  /** Messages that were sent for it, from 1. */
  readonly deliveries: number;
  readonly startedAt: Timestamp | null;
  readonly executorId: string | null;
  readonly endedAt: Timestamp | null;
  readonly ended: (typeof attemptEnds)[number] | null;
  readonly error: JobError | null;
};

type End = Pick<Attempt, 'ended' | 'error'>;

/** @returns undefined for what does not end the attempt that is open */
const endOf = (fact: JobFact): End | undefined => {
  const { attempt } = kindOf(fact.type);
  if (attempt === 'withdrawn' || attempt === 'expired') return { ended: attempt, error: null };
  if (fact.type === 'JobAttemptFailed') return { ended: fact.data.cause, error: fact.data.error };
  if (fact.type === 'JobSucceeded') return { ended: 'succeeded', error: null };
  if (fact.type === 'JobAborted') return { ended: 'aborted', error: null };
  return undefined;
};

const after = (attempts: readonly Attempt[], fact: JobFact): readonly Attempt[] => {
  const at = toTimestamp(fact.at);
  if (fact.type === 'JobDispatched') {
    const { attempt, dueAt } = fact.data;
    const none = { startedAt: null, executorId: null, endedAt: null, ended: null, error: null };
    return [...attempts, { attempt, dueAt, dispatchedAt: at, deliveries: 1, ...none }];
  }
  const last = attempts.at(-1);
  if (last?.endedAt !== null) return attempts;
  const changed = (change: Partial<Attempt>): readonly Attempt[] =>
    attempts.with(-1, { ...last, ...change });
  if (fact.type === 'JobRedispatched') return changed({ deliveries: fact.data.delivery });
  if (fact.type === 'JobStarted')
    return changed({ startedAt: at, executorId: fact.data.executorId });
  const end = endOf(fact);
  return end ? changed({ ...end, endedAt: at }) : attempts;
};

/**
 * The attempts of a job, oldest first.
 *
 * @param facts  its stream from the first event on
 */
export const attemptsOf = (facts: readonly JobFact[]): readonly Attempt[] =>
  facts.reduce(after, []);
