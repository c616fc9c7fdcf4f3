import type { JobState, KnownJob } from '../job/state';
import type { Instant } from '../time';
import { word } from './phrases';

/** What a job waited for, and for how long. */
export type Wait = { readonly for: string; readonly ms: number };

/** Since when the job waits for what it waits for now: the time of the event that brought it there. */
export type Standing = { readonly job: JobState; readonly since: Instant };

/** What kept a job from its dispatch, as far as the log tells: it does not hold what was held back and why. */
export const HELD_BACK_OR_AWAY =
  'its queue or its owner had no share left, or the dispatcher was away or behind';

/** When the dispatcher may and should have it: at its due time, or immediately when that had passed already. */
export const dispatchableAt = ({ job, since }: { job: KnownJob; since: Instant }): Instant =>
  Math.max(job.dueAt, since);

/** What the job waited for up to `at`, in order; what took no time is left out. */
export const waitsUntil = ({ job, since }: Standing, at: Instant): readonly Wait[] => {
  const spent = (what: string, ms: number): readonly Wait[] => (ms > 0 ? [{ for: what, ms }] : []);
  switch (job.status) {
    case 'scheduled': {
      const from = dispatchableAt({ job, since });
      const aim = job.attempt > 1 ? `the time of attempt ${job.attempt}` : 'its due time';
      return [...spent(aim, Math.min(at, from) - since), ...spent('the dispatcher', at - from)];
    }
    case 'queued':
      return spent(`an executor of queue ${word(job.definition.queue)}`, at - since);
    case 'running':
      return spent(`the report of executor ${word(job.executorId)}`, at - since);
    case 'none':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'aborted':
      return [];
  }
};
