import { jobIdOf } from '../ids';
import { kindOf, type AuditedJobEvent, type JobEventType } from '../job/events';
import { toTimestamp, type Instant } from '../time';
import { isBalanced, openAccounts, type Account } from './accounts';
import { jobLayout } from './job-layout';
import { jobRules } from './job-rules';
import { shownStatus, type JobTrace } from './job-trace';
import type { PlannedJobs } from './planned-jobs';
import { lastPlace, streamAudit, type StreamAudit } from './stream-audit';
import type { Violation } from './violation';

export type JobAudit = StreamAudit<JobTrace, AuditedJobEvent> & {
  /**
   * What only the end shows: jobs that hang, and sums that do not add up.
   *
   * @param now  when the log ended; a job that had to move longer than `overdueAfterMs` before hangs
   */
  readonly end: (now: Instant, overdueAfterMs: number) => readonly Account[];
};

const subjectOf = (stream: string): string => jobIdOf(stream) ?? stream;

/** As the projections do: one breach is told once, and rows are compared with what the log says. */
const advance = (job: JobTrace, event: AuditedJobEvent): void => {
  kindOf(event.type).trace(job, event);
  job.revision = event.revision;
  job.position = event.position;
  job.lastType = event.type;
};

/** When the job had to move at the latest; NaN for one that is at its end. */
const dueToMove = (job: Readonly<JobTrace>): Instant => {
  switch (job.status) {
    case 'scheduled':
      return job.dueAt;
    case 'queued':
      return Math.max(job.dueAt, job.sentAt);
    case 'running':
    case 'attempt-ended':
      return job.startedAt + job.timeoutMs;
    default:
      return Number.NaN;
  }
};

/**
 * Holds jobs against the spec.
 *
 * @param planned  what schedules have planned; absent: jobs are not held against it
 */
export const jobAudit = (
  report: (violation: Violation) => void,
  planned?: Pick<PlannedJobs, 'onJob'>,
): JobAudit => {
  const accounts = openAccounts();
  const subject = {
    layout: jobLayout,
    rules: jobRules,
    begins: (type: string) => type === ('JobScheduled' satisfies JobEventType),
    subjectOf,
    advance: (job: JobTrace, event: AuditedJobEvent, stream: string, isSeed: boolean) => {
      planned?.onJob(stream, event, isSeed);
      advance(job, event);
    },
  };
  const audit = streamAudit(subject, report, (_stream, event, job) => {
    if (event.type !== 'JobScheduled') return;
    job.account = accounts.open(event.at, event.data.ownerId);
  });

  const checkOutcome = (
    stream: string,
    job: Readonly<JobTrace>,
    now: Instant,
    overdueAfterMs: number,
  ): void => {
    const since = dueToMove(job);
    if (!(now - since > overdueAfterMs)) return;
    report({
      rule: 'missing-outcome',
      subject: subjectOf(stream),
      message: `${shownStatus(job.status)} and nothing happens, due since ${toTimestamp(since)}`,
      events: lastPlace(stream, job),
    });
  };

  return {
    ...audit,
    end: (now, overdueAfterMs) => {
      for (const [stream, , job] of audit.all()) {
        if (!job.isHeadless) checkOutcome(stream, job, now, overdueAfterMs);
        if (job.account >= 0 && job.status !== 'none') accounts.settle(job.account, job.status);
      }
      const books = accounts.all();
      for (const account of books) if (!isBalanced(account)) report(unbalanced(account));
      return books;
    },
  };
};

const unbalanced = (account: Account): Violation => {
  const { day, ownerId, scheduled, succeeded, failed, cancelled, expired, aborted, pending } =
    account;
  const sum = `${succeeded} + ${failed} + ${cancelled} + ${expired} + ${aborted} + ${pending}`;
  return {
    rule: 'conservation',
    subject: `${day} ${ownerId}`,
    message: `scheduled ${scheduled}, but succeeded + failed + cancelled + expired + aborted + pending is ${sum}`,
    events: [],
  };
};
