import { jobIdOf, jobStream, scheduleIdOf, scheduleStream } from '../ids';
import type { AuditedJobEvent } from '../job/events';
import type { AuditedScheduleEvent } from '../schedule/events';
import { exactInstant } from '../events/fields';
import { toTimestamp, type Instant, type Timestamp } from '../time';
import { originDigest } from './digest';
import { placeOf } from './stream-audit';
import type { EventPlace, Violation } from './violation';

/** A job that a schedule planned and that has neither started nor ended. */
type Open = {
  readonly stream: string;
  /** Of its schedule. */
  readonly schedule: string;
  /** Undefined for a run that was triggered. */
  readonly occurrenceAt: Timestamp | undefined;
  /** Of the rule, and not of a trigger or a backfill: such an occurrence has one job at a time. */
  readonly isOfRule: boolean;
  readonly place: EventPlace;
  readonly plannedAt: Instant;
  dueAt: Instant;
  isMade: boolean;
  /** When its occurrence was taken back; NaN as long as it was not. */
  withdrawnAt: Instant;
};

/** What an event of a schedule takes back of the jobs that have not started. */
type Withdrawal = 'ahead' | 'unstarted' | 'all';

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

type Late = { readonly job: Open; readonly place: EventPlace; readonly ms: number };

const ended: ReadonlySet<AuditedJobEvent['type']> = new Set([
  ...(['JobSucceeded', 'JobFailed', 'JobCancelled', 'JobExpired', 'JobAborted'] as const),
]);

const withdrawalOf = (event: AuditedScheduleEvent): Withdrawal | undefined => {
  switch (event.type) {
    case 'SchedulePaused':
      return 'unstarted';
    case 'ScheduleChanged':
      return event.data.withdraws;
    case 'ScheduleDeleted':
      return 'all';
    default:
      return undefined;
  }
};

type Plan = Pick<Open, 'occurrenceAt' | 'isOfRule' | 'dueAt'> & { readonly jobId: string };

const plansOf = (event: AuditedScheduleEvent): readonly Plan[] => {
  switch (event.type) {
    case 'OccurrencePlanned':
    case 'OccurrenceMoved': {
      const { occurrenceAt, jobId } = event.data;
      return [{ jobId, occurrenceAt, isOfRule: true, dueAt: exactInstant(event.data.dueAt) }];
    }
    case 'ScheduleTriggered':
      return [
        {
          jobId: event.data.jobId,
          occurrenceAt: undefined,
          isOfRule: false,
          dueAt: exactInstant(event.data.dueAt),
        },
      ];
    case 'OccurrencesBackfilled':
      return event.data.occurrences.map(({ jobId, occurrenceAt }) => ({
        jobId,
        occurrenceAt,
        isOfRule: false,
        dueAt: exactInstant(event.data.dueAt),
      }));
    default:
      return [];
  }
};

const ofText = (occurrenceAt: Timestamp | undefined, schedule?: string): string => {
  const what =
    occurrenceAt === undefined ? 'a run that was triggered' : `the occurrence ${occurrenceAt}`;
  return schedule === undefined
    ? what
    : `${what} of schedule ${scheduleIdOf(schedule) ?? schedule}`;
};

/** One job at a time has an occurrence of the rule; others are told apart by themselves. */
const keyOf = ({ isOfRule, occurrenceAt, stream }: Open): string =>
  isOfRule && occurrenceAt !== undefined ? occurrenceAt : stream;

/** Those of one schedule. Most have one only, and a Map for each would cost more than all else. */
type OfSchedule = Open | Map<string, Open>;

const found = (its: OfSchedule | undefined, key: string): Open | undefined => {
  if (its instanceof Map) return its.get(key);
  return its && keyOf(its) === key ? its : undefined;
};

/** Open jobs, found by their stream and by what they are of. */
const openJobs = () => {
  const byStream = new Map<string, Open>();
  const bySchedule = new Map<string, OfSchedule>();

  const leave = (job: Open): void => {
    const its = bySchedule.get(job.schedule);
    if (found(its, keyOf(job)) !== job) return;
    if (its instanceof Map) its.delete(keyOf(job));
    if (!(its instanceof Map) || its.size === 0) bySchedule.delete(job.schedule);
  };
  return {
    find: (stream: string) => byStream.get(stream),
    ofOccurrence: (schedule: string, occurrenceAt: Timestamp) =>
      found(bySchedule.get(schedule), occurrenceAt),
    add: (job: Open): void => {
      byStream.set(job.stream, job);
      const its = bySchedule.get(job.schedule);
      if (its instanceof Map) its.set(keyOf(job), job);
      else if (its === undefined) bySchedule.set(job.schedule, job);
      else bySchedule.set(job.schedule, new Map([its, job].map((one) => [keyOf(one), one])));
    },
    /** Takes it from its schedule; as a job it is still known. */
    withdraw: (job: Open, at: Instant): void => {
      if (Number.isNaN(job.withdrawnAt)) job.withdrawnAt = at;
      leave(job);
    },
    remove: (job: Open): void => {
      byStream.delete(job.stream);
      leave(job);
    },
    ofSchedule: (schedule: string): readonly Open[] => {
      const its = bySchedule.get(schedule);
      if (its instanceof Map) return [...its.values()];
      return its ? [its] : [];
    },
    all: () => byStream.values(),
  };
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

  const tell = (rule: string, job: Open, message: string, places: readonly EventPlace[]): void => {
    report({
      rule,
      subject: jobIdOf(job.stream) ?? job.stream,
      message,
      events: places,
      streams: [job.schedule, job.stream],
    });
  };

  const twice = (job: Open, other: string, isSeed: boolean): void => {
    if (isSeed) return;
    const message = `${ofText(job.occurrenceAt, job.schedule)} gets this job, and ${other}`;
    tell('one-job-per-occurrence', job, message, [job.place]);
  };

  const plan = (job: Open, isSeed: boolean): void => {
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
