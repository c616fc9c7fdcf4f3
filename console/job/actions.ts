import type { Job } from '../http/answers';
import { span } from '../time/format';

export type Verb = 'reschedule' | 'run-now' | 'cancel' | 'abort' | 'redrive';

/** When changes end by its cut-off; undefined for a job that can be changed until it starts. */
const changesEndAt = ({ dueAt, cutoffMs }: Job): number | undefined =>
  cutoffMs > 0 ? Date.parse(dueAt) - cutoffMs : undefined;

/** What can work now; the server decides. */
export const verbsOf = (job: Job, now: number): readonly Verb[] => {
  switch (job.status) {
    case 'scheduled':
    case 'queued': {
      const end = changesEndAt(job);
      if (end !== undefined && now > end) return [];
      const isAhead = job.status === 'scheduled' && Date.parse(job.dueAt) > now;
      return ['reschedule', ...(isAhead ? (['run-now'] as const) : []), 'cancel'];
    }
    case 'running':
      return ['abort'];
    case 'failed':
      return ['redrive'];
    default:
      return [];
  }
};

/** How long one may still change one's mind. */
export const timeLeft = (job: Job, now: number): string | undefined => {
  if (job.status !== 'scheduled' && job.status !== 'queued') return undefined;
  const end = changesEndAt(job);
  if (end === undefined)
    return Date.parse(job.dueAt) > now
      ? `Yours to change until it starts, in ${span(Date.parse(job.dueAt) - now)}`
      : 'Yours to change until it starts';
  return end > now
    ? `Yours to change for ${span(end - now)} more`
    : `No more changes: they end ${span(job.cutoffMs)} before it is due`;
};
