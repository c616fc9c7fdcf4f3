import type { Instant } from '../time';
import type { ScheduleDefinition } from './definition';

/** An occurrence that has a job and is still to come. */
export type Planned = {
  readonly occurrenceAt: Instant;
  readonly dueAt: Instant;
  readonly jobId: string;
};

/** What was said of one occurrence that has no job (any more): it is left out, or has a time of its own. */
export type Exception = {
  readonly occurrenceAt: Instant;
  readonly dueAt?: Instant;
};

/** `completed`: the rule has no further occurrence. `stopped`: it cannot be computed. A change leaves both. */
export const scheduleStatuses = ['active', 'paused', 'completed', 'stopped', 'deleted'] as const;
export type ScheduleStatus = (typeof scheduleStatuses)[number];

export const isScheduleStatus = (text: string): text is ScheduleStatus =>
  (scheduleStatuses as readonly string[]).includes(text);

export type KnownSchedule = {
  readonly status: ScheduleStatus;
  readonly definition: ScheduleDefinition;
  /** By how much runs start later than their occurrence. */
  readonly offsetMs: number;
  readonly revision: bigint;
  readonly createdAt: Instant;
  /** Since when its rule is what it is: occurrences are counted from here. */
  readonly ruleSince: Instant;
  /** Every occurrence up to here, itself included, is planned, skipped, moved or cancelled. */
  readonly decidedUntil: Instant;
  /** Every occurrence up to here has come by the offset of its day, and is not open again by one that is larger now. */
  readonly cameUntil: Instant;
  /** In the order in which they were planned; those whose time has passed fall out with the next event. */
  readonly ahead: readonly Planned[];
  readonly exceptions: readonly Exception[];
  /** The job of the occurrence that was planned last. */
  readonly lastJobId?: string;
  /** Why it is paused or stopped. */
  readonly note?: string;
};

export type ScheduleState = { readonly status: 'none' } | KnownSchedule;

export const initial: ScheduleState = { status: 'none' };

type Placed = { readonly type: string; readonly at: Instant; readonly revision: bigint };

export const known = (state: ScheduleState, fact: Placed): KnownSchedule => {
  if (state.status === 'none') throw new Error(`${fact.type} without a ScheduleCreated before it`);
  return state;
};

/** When an occurrence is due, one that was moved aside. */
export const usualDueAt = (
  { offsetMs }: Pick<KnownSchedule, 'offsetMs'>,
  occurrenceAt: Instant,
): Instant => occurrenceAt + offsetMs;

/** The last instant whose occurrence, by its usual due time, has come. */
export const comeUntil = ({ offsetMs }: Pick<KnownSchedule, 'offsetMs'>, at: Instant): Instant =>
  at - offsetMs;

export const isMoved = (schedule: Pick<KnownSchedule, 'offsetMs'>, planned: Planned): boolean =>
  planned.dueAt !== usualDueAt(schedule, planned.occurrenceAt);

/** What stays of an occurrence when jobs are taken back: that it was moved to a time, or that it has had its run. */
const leftOf = (
  schedule: KnownSchedule,
  planned: Planned,
  decidedUntil: Instant,
  at: Instant,
): readonly Exception[] => {
  const { occurrenceAt, dueAt } = planned;
  if (dueAt > at) return isMoved(schedule, planned) ? [{ occurrenceAt, dueAt }] : [];
  return occurrenceAt > decidedUntil ? [{ occurrenceAt }] : [];
};

/**
 * The schedule when all runs that are still to come have been taken back: they are to be decided again, and those that
 * were moved or cancelled are known to be.
 */
export const withdrawn = (schedule: KnownSchedule, at: Instant): KnownSchedule => {
  const cameUntil = Math.max(schedule.cameUntil, comeUntil(schedule, at));
  const decidedUntil = Math.min(schedule.decidedUntil, cameUntil);
  return {
    ...schedule,
    decidedUntil,
    cameUntil,
    ahead: [],
    exceptions: [
      ...schedule.exceptions,
      ...schedule.ahead.flatMap((planned) => leftOf(schedule, planned, decidedUntil, at)),
    ],
  };
};

/** Whether it is undecided, or would be again if a run that is still to come were taken back. */
export const isOpen = (schedule: KnownSchedule, occurrenceAt: Instant, at: Instant): boolean =>
  occurrenceAt > schedule.decidedUntil || usualDueAt(schedule, occurrenceAt) > at;

/** Leaves out what can no longer matter at `at`. */
export const tidied = (schedule: KnownSchedule, at: Instant): KnownSchedule => ({
  ...schedule,
  ahead: schedule.ahead.filter(
    ({ occurrenceAt, dueAt }) => dueAt > at || isOpen(schedule, occurrenceAt, at),
  ),
  exceptions: schedule.exceptions.filter(
    ({ occurrenceAt, dueAt }) => dueAt !== undefined || isOpen(schedule, occurrenceAt, at),
  ),
});
