import { jobIdOf, jobStream, scheduleIdOf, scheduleStream } from '../ids';
import type { AuditedJobEvent } from '../job/events';
import type { AuditedScheduleEvent } from '../schedule/events';
import { toTimestamp, type Instant, type Timestamp } from '../time';
import { originDigest } from './digest';
import { openJobs, type OpenJob } from './open-jobs';
import { plansOf, withdrawalOf, type Withdrawal } from './plans';
import { placeOf } from './stream-audit';
import type { EventPlace, Violation } from './violation';

export type PlannedJobs = {
  readonly onSchedule: (stream: string, event: AuditedScheduleEvent, isSeed: boolean) => void;
  readonly onJob: (stream: string, event: AuditedJobEvent, isSeed: boolean) => void;
  /** Whether an event that moves or cancels an occurrence names the job that the occurrence has. */
  readonly isJobOf: (schedule: string, occurrenceAt: Timestamp, jobId: string) => boolean;
  /** @param now  when the log ended; what had to be done longer than `overdueAfterMs` before is missing */
  readonly end: (now: Instant, overdueAfterMs: number) => void;
};

export type PlannedJobsDeps = {
  readonly report: (violation: Violation) => void;
  /** Whether a job is there, and of what: `same` also when nobody can say any more. */
  readonly jobOf: (stream: string, origin: number) => 'none' | 'same' | 'other';
  /** Whether all events of a schedule are known, or it has none at all. */
  readonly isWhole: (stream: string) => boolean;
  /** False when the log is not read from its first event on: a job may have been planned before. */
  readonly knowsAll: boolean;
};

type Late = { readonly job: OpenJob; readonly place: EventPlace; readonly ms: number };

const ended: ReadonlySet<AuditedJobEvent['type']> = new Set([
  ...(['JobSucceeded', 'JobFailed', 'JobCancelled', 'JobExpired', 'JobAborted'] as const),
]);

const ofText = (occurrenceAt: Timestamp | undefined, schedule?: string): string => {
  const what =
    occurrenceAt === undefined ? 'a run that was triggered' : `the occurrence ${occurrenceAt}`;
  return schedule === undefined
    ? what
    : `${what} of schedule ${scheduleIdOf(schedule) ?? schedule}`;
};

/**
 * Holds schedules against their jobs: what is planned becomes a job, each job was planned, no occurrence has two, and
 * what was taken back does not start. An event that plans always lies before the job. Remembers only jobs that have
 * neither started nor ended.
 */
export const plannedJobs = (deps: PlannedJobsDeps): PlannedJobs => {
  const { report, jobOf, isWhole, knowsAll } = deps;
  const open = openJobs();
  const late: Late[] = [];

  const tell = (
    rule: string,
    job: OpenJob,
    message: string,
    places: readonly EventPlace[],
  ): void => {
    report({
      rule,
      subject: jobIdOf(job.stream) ?? job.stream,
      message,
      events: places,
      streams: [job.schedule, job.stream],
    });
  };

  const twice = (job: OpenJob, other: string, isSeed: boolean): void => {
    if (isSeed) return;
    const message = `${ofText(job.occurrenceAt, job.schedule)} gets this job, and ${other}`;
    tell('one-job-per-occurrence', job, message, [job.place]);
  };

  const plan = (job: OpenJob, isSeed: boolean): void => {
    const known = open.find(job.stream);
    if (known) {
      if (known.schedule === job.schedule && known.occurrenceAt === job.occurrenceAt)
        known.dueAt = job.dueAt;
      else twice(job, `the job is for ${ofText(known.occurrenceAt)} already`, isSeed);
      return;
    }
    const its = jobOf(job.stream, originDigest(scheduleIdOf(job.schedule), job.occurrenceAt));
    if (its === 'other') twice(job, 'the job is of something else already', isSeed);
    if (its !== 'none') return; // it has started or ended
    const other =
      job.isOfRule && job.occurrenceAt !== undefined
        ? open.ofOccurrence(job.schedule, job.occurrenceAt)
        : undefined;
    if (other) twice(job, `job ${jobIdOf(other.stream) ?? other.stream} waits for it`, isSeed);
    open.add(job);
  };

  const withdraw = (schedule: string, what: Withdrawal, at: Instant): void => {
    for (const job of open.ofSchedule(schedule)) {
      const isTaken = what === 'all' || (job.isOfRule && (what === 'unstarted' || job.dueAt > at));
      if (isTaken) open.withdraw(job, at);
    }
  };

  const scheduled = (
    stream: string,
    event: Extract<AuditedJobEvent, { type: 'JobScheduled' }>,
    isSeed: boolean,
  ): void => {
    const { scheduleId, occurrenceAt } = event.data;
    const job = open.find(stream);
    if (scheduleId === undefined && !job) return;
    const schedule = scheduleId === undefined ? undefined : scheduleStream(scheduleId);
    const isAsPlanned = job?.schedule === schedule && job?.occurrenceAt === occurrenceAt;
    if (job) job.isMade = true;
    if (isAsPlanned || isSeed) return;
    if (!job && (!knowsAll || !isWhole(schedule ?? ''))) return;
    const says = scheduleId === undefined ? 'of no schedule' : ofText(occurrenceAt, scheduleId);
    const plan = job
      ? `was planned as ${ofText(job.occurrenceAt, job.schedule)}`
      : 'was not planned';
    report({
      rule: 'unplanned-job',
      subject: jobIdOf(stream) ?? stream,
      message: `the job is ${says}, and ${plan}`,
      events: [...(job ? [job.place] : []), placeOf(stream, event)],
      streams: [...(schedule === undefined ? [] : [schedule]), stream],
    });
  };

  return {
    onSchedule: (stream, event, isSeed) => {
      if (isSeed && !knowsAll) return;
      const place = placeOf(stream, event);
      for (const { jobId, ...of } of plansOf(event))
        plan(
          {
            ...of,
            stream: jobStream(jobId),
            schedule: stream,
            place,
            plannedAt: event.at,
            isMade: false,
            withdrawnAt: Number.NaN,
          },
          isSeed,
        );
      const what = withdrawalOf(event);
      if (what !== undefined) withdraw(stream, what, event.at);
      if (event.type !== 'OccurrenceCancelled' || event.data.jobId === undefined) return;
      const job = open.find(jobStream(event.data.jobId));
      if (job) open.withdraw(job, event.at);
    },
    onJob: (stream, event, isSeed) => {
      if (event.type === 'JobScheduled') {
        scheduled(stream, event, isSeed);
        return;
      }
      const isStart = event.type === 'JobStarted';
      if (!isStart && !ended.has(event.type)) return;
      const job = open.find(stream);
      if (!job) return;
      if (isStart && event.at > job.withdrawnAt && !isSeed)
        late.push({ job, place: placeOf(stream, event), ms: event.at - job.withdrawnAt });
      open.remove(job);
    },
    isJobOf: (schedule, occurrenceAt, jobId) => {
      const stream = jobStream(jobId);
      const job = open.find(stream);
      if (job) return job.schedule === schedule && job.occurrenceAt === occurrenceAt;
      return jobOf(stream, originDigest(scheduleIdOf(schedule), occurrenceAt)) === 'same';
    },
    end: (now, overdueAfterMs) => {
      for (const { job, place, ms } of late)
        if (ms > overdueAfterMs)
          tell(
            'started-after-withdrawal',
            job,
            `started ${Math.floor(ms / 1_000)} s after ${ofText(job.occurrenceAt)} was taken back`,
            [job.place, place],
          );
      for (const job of open.all()) {
        const isWithdrawn = !Number.isNaN(job.withdrawnAt);
        if (!job.isMade && !isWithdrawn && now - job.plannedAt > overdueAfterMs)
          tell(
            'planned-job-missing',
            job,
            `${ofText(job.occurrenceAt)} was planned at ${toTimestamp(job.plannedAt)}, and its job was not made`,
            [job.place],
          );
        if (job.isMade && now - job.withdrawnAt > overdueAfterMs)
          tell(
            'withdrawn-job-left',
            job,
            `${ofText(job.occurrenceAt)} was taken back at ${toTimestamp(job.withdrawnAt)}, and its job waits all the same`,
            [job.place],
          );
      }
    },
  };
};
