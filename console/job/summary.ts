import type { Job } from '../http/answers';
import { waitOf } from '../jobs/standing';
import { span } from '../time/format';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'] as const;

const attemptText = (attempt: number): string => {
  const ordinal = ORDINALS[attempt - 1];
  return ordinal === undefined ? `attempt ${attempt}` : `the ${ordinal} attempt`;
};

const awayFromDue = ({ dueAt, finishedAt }: Job): string => {
  if (finishedAt === null) return '';
  const ms = Date.parse(finishedAt) - Date.parse(dueAt);
  return ms < 0 ? `, ${span(ms)} before it was due` : `, ${span(ms)} after it was due`;
};

/** The one line that sums a job up. */
export const summaryOf = (job: Job, now: number): string => {
  const { status, attempt, dueAt, startedAt } = job;
  switch (status) {
    case 'scheduled': {
      const waits = waitOf(job, now);
      if (waits !== undefined) return `It ${waits}`;
      const awayMs = Date.parse(dueAt) - now;
      const what = attempt > 1 ? `Tries ${attemptText(attempt)}` : 'Due';
      return awayMs > 0 ? `${what} in ${span(awayMs)}` : `${what} now`;
    }
    case 'queued':
      return `It ${waitOf(job, now) ?? 'waits for an executor'}`;
    case 'running': {
      const sinceMs = Math.max(0, now - Date.parse(startedAt ?? dueAt));
      return `Runs for ${span(sinceMs)}, on ${attemptText(attempt)}`;
    }
    case 'succeeded':
      return attempt > 1
        ? `Succeeded on ${attemptText(attempt)}${awayFromDue(job)}`
        : `Succeeded${awayFromDue(job)}`;
    case 'failed':
      return `Failed for good on ${attemptText(attempt)}${awayFromDue(job)}`;
    case 'cancelled':
      return `Cancelled${awayFromDue(job)}`;
    case 'expired':
      return `Expired: it could not start in time${awayFromDue(job)}`;
    case 'aborted':
      return `Stopped on request${awayFromDue(job)}`;
  }
};
