import { fromTimestamp, toTimestamp, type Instant } from '../time';
import type { Calendar } from './calendar';
import type { PlanOccurrences } from './commands';
import type { ScheduleEvent } from './events';
import { MISSED_AFTER_MS } from './limits';
import { keptOf } from './passed';
import { usualDueAt, type KnownSchedule } from './state';

/**
 * How late the job of an occurrence may start: until as many later ones have come as would run in its place, so that
 * after an outage those run that the policy means, whoever comes back first. Undefined: as late as the job says.
 */
const latenessLimits = (
  { definition: { whenMissed } }: KnownSchedule,
  calendar: Calendar,
): ((occurrenceAt: Instant) => number | undefined) => {
  if (whenMissed.policy === 'skip') return () => whenMissed.afterMs;
  const kept = keptOf(whenMissed);
  const coming: Instant[] = []; // one window over all that are planned together
  return (occurrenceAt) => {
    while ((coming[0] ?? Infinity) <= occurrenceAt) coming.shift();
    while (coming.length < kept) {
      const next = calendar.next(coming.at(-1) ?? occurrenceAt);
      if (next === undefined) return undefined;
      coming.push(next);
    }
    return Math.max(MISSED_AFTER_MS, (coming[kept - 1] ?? occurrenceAt) - occurrenceAt);
  };
};

const skippedUntil = ([skips]: readonly ScheduleEvent[]): Instant | undefined =>
  skips?.type === 'OccurrencesSkipped' ? fromTimestamp(skips.data.to) : undefined;

/** Those that were moved before they lost their jobs get new ones. */
const planMoved = (
  { jobIds }: PlanOccurrences,
  { exceptions, revision }: KnownSchedule,
): readonly ScheduleEvent[] =>
  exceptions
    .filter(({ dueAt }) => dueAt !== undefined)
    .map(({ occurrenceAt, dueAt = occurrenceAt }, index) => ({
      type: 'OccurrenceMoved',
      data: {
        occurrenceAt: toTimestamp(occurrenceAt),
        dueAt: toTimestamp(dueAt),
        jobId: jobIds(occurrenceAt, revision + BigInt(index + 1)),
      },
    }));

/** What a decision has come to. */
export type Planning = {
  readonly events: readonly ScheduleEvent[];
  /** As far as the rule is decided with them. */
  readonly until: () => Instant;
  /** The same without what only stands in for an occurrence that is planned: where the next run is wanted from. */
  readonly covered: () => Instant;
  readonly leaveOut: (events: readonly ScheduleEvent[]) => void;
  readonly skip: (events: readonly ScheduleEvent[]) => void;
  readonly plan: (occurrenceAt: Instant, dueAt: Instant) => void;
  /** Plans the next occurrence unless it is none that `isWanted`. @returns false when nothing was planned */
  readonly planNext: (isWanted?: (occurrenceAt: Instant) => boolean) => boolean;
};

export const startPlanning = (
  command: PlanOccurrences,
  schedule: KnownSchedule,
  calendar: Calendar,
): Planning => {
  const { at, jobIds } = command;
  const limitOf = latenessLimits(schedule, command.calendar);
  const events: ScheduleEvent[] = [...planMoved(command, schedule)];
  let until = schedule.decidedUntil;
  let covered = until;

  const plan = (occurrenceAt: Instant, dueAt: Instant): void => {
    const maxLatenessMs = limitOf(occurrenceAt);
    events.push({
      type: 'OccurrencePlanned',
      data: {
        occurrenceAt: toTimestamp(occurrenceAt),
        dueAt: toTimestamp(dueAt),
        jobId: jobIds(occurrenceAt, schedule.revision + BigInt(events.length + 1)),
        tzdata: calendar.tzdata,
        ...(maxLatenessMs !== undefined && { maxLatenessMs }),
      },
    });
    until = covered = occurrenceAt;
  };
  const leaveOut = (skips: readonly ScheduleEvent[]): void => {
    events.push(...skips);
    until = skippedUntil(skips) ?? until;
  };
  return {
    events,
    until: () => until,
    covered: () => covered,
    leaveOut,
    skip: (skips) => {
      leaveOut(skips);
      covered = skippedUntil(skips) ?? covered;
    },
    plan,
    planNext: (isWanted = () => true) => {
      const next = calendar.next(until);
      if (next === undefined) {
        events.push({ type: 'ScheduleCompleted', data: { tzdata: calendar.tzdata } });
        return false;
      }
      if (!isWanted(next)) return false;
      plan(next, Math.max(at, usualDueAt(schedule, next)));
      return true;
    },
  };
};
