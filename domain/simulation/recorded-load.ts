import { kindOf, type JobFact } from '../job/events';
import { fromTimestamp, type Instant } from '../time';
import type { Load } from './load';

type OpenAttempt = { readonly dueAt: Instant; readonly startedAt?: Instant };

export type RecordedLoad = {
  /** In the order of the log. */
  readonly see: (jobId: string, fact: JobFact) => void;
  /** Every attempt that came to an end, as a job of its own: when it was due and how long it ran. */
  readonly load: () => Load;
};

/**
 * What really ran, from the facts of a log. Holds the attempts under way and two numbers for each that ended.
 *
 * @param isWanted  by due time
 */
export const recordedLoad = (isWanted: (dueAt: Instant) => boolean): RecordedLoad => {
  const open = new Map<string, OpenAttempt>();
  const dueAts: number[] = [];
  const durations: number[] = [];

  const end = (jobId: string, at: Instant): void => {
    const attempt = open.get(jobId);
    open.delete(jobId);
    if (attempt?.startedAt === undefined) return;
    dueAts.push(attempt.dueAt);
    durations.push(Math.max(0, at - attempt.startedAt));
  };

  return {
    see: (jobId, fact) => {
      if (fact.type === 'JobDispatched') {
        const dueAt = fromTimestamp(fact.data.dueAt);
        if (isWanted(dueAt)) open.set(jobId, { dueAt });
        return;
      }
      const { attempt } = kindOf(fact.type);
      const known = open.get(jobId);
      if (attempt === 'started' && known) open.set(jobId, { ...known, startedAt: fact.at });
      else if (attempt === 'ended') end(jobId, fact.at);
      else if (attempt === 'withdrawn' || attempt === 'expired') open.delete(jobId);
    },
    load: () => ({
      dueAt: Float64Array.from(dueAts),
      durationMs: Float64Array.from(durations),
    }),
  };
};
