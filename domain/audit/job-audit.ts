import { jobIdOf } from '../ids';
import { kindOf, type AuditedJobEvent, type JobEventType } from '../job/events';
import { toTimestamp, type Instant } from '../time';
import { isBalanced, openAccounts, type Account } from './accounts';
import { jobLayout } from './job-layout';
import { jobRules } from './job-rules';
import { shownStatus, type JobTrace } from './job-trace';
import { lastPlace, placeOf, streamAudit, type StreamAudit } from './stream-audit';
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

const subject = {
  layout: jobLayout,
  rules: jobRules,
  begins: (type: string) => type === ('JobScheduled' satisfies JobEventType),
  subjectOf,
  advance,
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

/** Which job was planned for which occurrence of which schedule. @returns the stream of another job that has it already */
const occurrences = () => {
  const claimed = new Map<string, Map<string, string>>();
  return (scheduleId: string, occurrenceAt: string, stream: string): string | undefined => {
    const its = claimed.get(scheduleId) ?? new Map<string, string>();
    claimed.set(scheduleId, its);
    const other = its.get(occurrenceAt);
    if (other === undefined) its.set(occurrenceAt, stream);
    return other === stream ? undefined : other;
  };
};

/** Holds jobs against the spec. */
export const jobAudit = (report: (violation: Violation) => void): JobAudit => {
  const accounts = openAccounts();
  const claimOccurrence = occurrences();

  const checkOccurrence = (stream: string, event: AuditedJobEvent): void => {
    if (event.type !== 'JobScheduled') return;
    const { scheduleId, occurrenceAt } = event.data;
    if (scheduleId === undefined || occurrenceAt === undefined) return;
    const other = claimOccurrence(scheduleId, occurrenceAt, stream);
    if (other === undefined) return;
    report({
      rule: 'one-job-per-occurrence',
      subject: subjectOf(stream),
      message: `the occurrence ${occurrenceAt} of schedule ${scheduleId} has job ${subjectOf(other)} already`,
      events: [placeOf(stream, event)],
    });
  };

  const audit = streamAudit(subject, report, (stream, event, job) => {
    if (event.type !== 'JobScheduled') return;
    job.account = accounts.open(event.at, event.data.ownerId);
    checkOccurrence(stream, event);
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
