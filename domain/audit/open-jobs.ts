import type { Timestamp, Instant } from '../time';
import type { EventPlace } from './violation';

/** A job that a schedule planned and that has neither started nor ended. */
export type OpenJob = {
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

/** One job at a time has an occurrence of the rule; others are told apart by themselves. */
const keyOf = ({ isOfRule, occurrenceAt, stream }: OpenJob): string =>
  isOfRule && occurrenceAt !== undefined ? occurrenceAt : stream;

/** Those of one schedule. Most have one only, and a Map for each would cost more than all else. */
type OfSchedule = OpenJob | Map<string, OpenJob>;

const found = (its: OfSchedule | undefined, key: string): OpenJob | undefined => {
  if (its instanceof Map) return its.get(key);
  return its && keyOf(its) === key ? its : undefined;
};

/** Open jobs, found by their stream and by what they are of. */
export const openJobs = () => {
  const byStream = new Map<string, OpenJob>();
  const bySchedule = new Map<string, OfSchedule>();

  const leave = (job: OpenJob): void => {
    const its = bySchedule.get(job.schedule);
    if (found(its, keyOf(job)) !== job) return;
    if (its instanceof Map) its.delete(keyOf(job));
    if (!(its instanceof Map) || its.size === 0) bySchedule.delete(job.schedule);
  };
  return {
    find: (stream: string) => byStream.get(stream),
    ofOccurrence: (schedule: string, occurrenceAt: Timestamp) =>
      found(bySchedule.get(schedule), occurrenceAt),
    add: (job: OpenJob): void => {
      byStream.set(job.stream, job);
      const its = bySchedule.get(job.schedule);
      if (its instanceof Map) its.set(keyOf(job), job);
      else if (its === undefined) bySchedule.set(job.schedule, job);
      else bySchedule.set(job.schedule, new Map([its, job].map((one) => [keyOf(one), one])));
    },
    /** Takes it from its schedule; as a job it is still known. */
    withdraw: (job: OpenJob, at: Instant): void => {
      if (Number.isNaN(job.withdrawnAt)) job.withdrawnAt = at;
      leave(job);
    },
    remove: (job: OpenJob): void => {
      byStream.delete(job.stream);
      leave(job);
    },
    ofSchedule: (schedule: string): readonly OpenJob[] => {
      const its = bySchedule.get(schedule);
      if (its instanceof Map) return [...its.values()];
      return its ? [its] : [];
    },
    all: () => byStream.values(),
  };
};
