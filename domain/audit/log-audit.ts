import type { Calendars } from '../schedule/calendars';
import type { LastRun } from '../schedule/commands';
import { jobStream } from '../ids';
import type { Instant } from '../time';
import type { Account } from './accounts';
import { jobAudit, type JobAudit } from './job-audit';
import { endStatuses } from './job-trace';
import { operationAudit, type OperationAudit } from './operation-audit';
import { plannedJobs } from './planned-jobs';
import { scheduleAudit, type ScheduleAudit, type ScheduleBooks } from './schedule-audit';
import type { Violation } from './violation';
import { webhookAudit, type WebhookAudit } from './webhook-audit';

/** All streams of ours that have rules. */
export type LogAudit = {
  readonly jobs: JobAudit;
  readonly schedules: ScheduleAudit;
  readonly operations: OperationAudit;
  readonly webhooks: WebhookAudit;
  /** What only the end shows. @param now  when the log ended */
  readonly end: (
    now: Instant,
    overdueAfterMs: number,
  ) => { readonly accounts: readonly Account[]; readonly schedules: ScheduleBooks };
};

/**
 * Holds jobs and schedules against the spec, and one against the other.
 *
 * @param knowsAll  false when the log is not read from its first event on
 */
export const logAudit = (
  report: (violation: Violation) => void,
  calendars: Calendars,
  knowsAll: boolean,
): LogAudit => {
  const planned = plannedJobs({
    report,
    knowsAll,
    jobOf: (stream, origin) => {
      const job = jobs.standing(stream);
      if (!job) return 'none';
      const isUnknown = job.isHeadless || job.status === 'none';
      return isUnknown || job.origin === origin ? 'same' : 'other';
    },
    isWhole: (stream) => {
      const schedule = schedules.standing(stream);
      return !schedule || !(schedule.isHeadless || schedule.hasHole || schedule.lastType === '');
    },
  });
  const lastRunOf = (jobId: string): LastRun => {
    const job = jobs.standing(jobStream(jobId));
    if (!job || !endStatuses.includes(job.status)) return 'open'; // one that is missing is told by itself
    return { endedAt: job.finishedAt };
  };
  const jobs = jobAudit(report, planned);
  const schedules = scheduleAudit({ report, calendars, jobs: planned, lastRunOf });
  return {
    jobs,
    schedules,
    operations: operationAudit(report),
    webhooks: webhookAudit(report),
    end: (now, overdueAfterMs) => ({
      accounts: jobs.end(now, overdueAfterMs),
      schedules: schedules.end(now, overdueAfterMs),
    }),
  };
};
