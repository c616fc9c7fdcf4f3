import { toTimestamp, type Instant } from '../../../domain/time';
import type { DeadLetterCause, DeadLetters } from '../dead-letters';
import { forEachInParts } from './in-parts';
import type { LeanListedJob } from './past-fold';

/** What the database cannot read as text, and what it takes of a code: as the list of the present has it. */
const UNREADABLE = /\\u(0000|d[89a-f])/i;
const CODE_LENGTH = 200;

type Said = Pick<DeadLetterCause, 'errorCode'> & { readonly message: string };

const saidBy = ({ job: { error } }: LeanListedJob): Said =>
  error === undefined || UNREADABLE.test(JSON.stringify(error))
    ? { errorCode: '', message: '' }
    : {
        errorCode: Array.from(error.code).slice(0, CODE_LENGTH).join(''),
        message: error.message,
      };

/** Dead letters of one cause, while they are gathered. */
type Gathered = {
  readonly errorCode: string;
  readonly queue: string;
  jobs: number;
  firstAt: Instant;
  lastAt: Instant;
  last: DeadLetterCause['last'];
};

const lastOf = ({ jobId, job: { definition } }: LeanListedJob, message: string) => {
  const { ownerId, name } = definition;
  return { jobId, ownerId, name, message };
};

/** Adds a job that failed for good to those of its cause. */
const gather = (causes: Map<string, Gathered>, one: LeanListedJob): void => {
  const { errorCode, message } = saidBy(one);
  const { definition, finishedAt: at = 0 } = one.job;
  const { queue } = definition;
  const key = JSON.stringify([errorCode, queue]);
  const cause = causes.get(key);
  if (!cause) {
    const last = lastOf(one, message);
    causes.set(key, { errorCode, queue, jobs: 1, firstAt: at, lastAt: at, last });
    return;
  }
  cause.jobs += 1;
  cause.firstAt = Math.min(cause.firstAt, at);
  if (at <= cause.lastAt) return;
  cause.lastAt = at;
  cause.last = lastOf(one, message);
};

const byCodeAndQueue = (a: Gathered, b: Gathered): number => {
  if (a.errorCode !== b.errorCode) return a.errorCode < b.errorCode ? -1 : 1;
  return a.queue < b.queue ? -1 : 1;
};

/** Dead letters among jobs of the past, by cause; all of them are counted. */
export const deadLettersAmong = async (
  jobs: readonly LeanListedJob[],
  maxCauses: number,
  signal: AbortSignal,
): Promise<DeadLetters> => {
  const causes = new Map<string, Gathered>();
  await forEachInParts(jobs, signal, (one) => {
    if (one.job.status === 'failed') gather(causes, one);
  });
  return {
    causes: [...causes.values()]
      .sort(byCodeAndQueue)
      .slice(0, maxCauses)
      .sort((a, b) => b.lastAt - a.lastAt)
      .map(({ firstAt, lastAt, ...cause }) => ({
        ...cause,
        ...{ isCounted: true, firstAt: toTimestamp(firstAt), lastAt: toTimestamp(lastAt) },
      })),
    isComplete: causes.size <= maxCauses,
  };
};
