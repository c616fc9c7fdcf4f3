import { accept, reject } from '../decider';
import type { Instant } from '../time';
import type { Calendar } from './calendar';
import type { PlanOccurrences } from './commands';
import type { ScheduleDecision } from './decision';
import { standIn } from './displaced';
import type { ScheduleEvent } from './events';
import { MAX_PLANNED } from './limits';
import { held, missed, nothing, passed, skipped } from './passed';
import { startPlanning, type Planning } from './planning';
import { usualDueAt, comeUntil, type KnownSchedule, type ScheduleState } from './state';
import { undecidedOf } from './undecided';

/** Whether an occurrence has come that nobody has decided: with `cancel-other` the run before has to make way. */
export const isHeld = (schedule: KnownSchedule, calendar: Calendar, at: Instant): boolean => {
  const next = undecidedOf(schedule, calendar).next(schedule.decidedUntil);
  return next !== undefined && usualDueAt(schedule, next) <= at;
};

/**
 * The last occurrence was planned by older zone data, and the rule has it later now: its run is the one that there is,
 * so that nothing runs twice.
 */
const stoodInFor = (schedule: KnownSchedule, calendar: Calendar): readonly ScheduleEvent[] => {
  const last = schedule.ahead.find(({ occurrenceAt }) => occurrenceAt === schedule.decidedUntil);
  const again = last && standIn(calendar, last.occurrenceAt);
  return again === undefined || again <= schedule.decidedUntil
    ? []
    : [skipped(again, again, 1, 'zone-data', calendar)];
};

/** Runs may overlap: all that comes soon, and the first that comes later. */
const planAhead = (
  { at, aheadMs }: PlanOccurrences,
  schedule: KnownSchedule,
  calendar: Calendar,
  planning: Planning,
): void => {
  const { skips, run } = missed(at, schedule, calendar);
  planning.skip(skips);
  run.forEach((occurrenceAt, index) => {
    planning.plan(occurrenceAt, at + index); // due now, in this order
  });
  const isBeyond = (occurrenceAt: Instant, ms: number): boolean =>
    usualDueAt(schedule, occurrenceAt) > at + ms;
  if (isBeyond(planning.covered(), aheadMs)) return;
  // twice as far as has to be: frequent ones are planned many at a time
  const isWanted = (next: Instant): boolean =>
    !isBeyond(planning.covered(), aheadMs) || !isBeyond(next, 2 * aheadMs);
  while (planning.events.length < MAX_PLANNED && planning.planNext(isWanted));
};

/** Runs may not overlap: one, once the one before has ended. */
const planOne = (
  { at, lastRun }: PlanOccurrences,
  schedule: KnownSchedule,
  calendar: Calendar,
  planning: Planning,
): void => {
  // what comes meanwhile is decided once it has ended: as one range, however long that takes
  if (lastRun === 'open') return;
  const decided = (): KnownSchedule => ({ ...schedule, decidedUntil: planning.until() });
  const waited = lastRun === 'none' ? nothing : held(schedule, calendar, lastRun.endedAt);
  planning.skip(waited.skips);
  const [first] = waited.run;
  if (first !== undefined && lastRun !== 'none') {
    planning.plan(first, at);
    const until = comeUntil(schedule, lastRun.endedAt);
    planning.skip(passed(decided(), calendar, until, 0, 'still-running').skips);
    return;
  }
  const { skips, run } = missed(at, decided(), calendar);
  planning.skip(skips);
  const [oldest] = run;
  if (oldest === undefined) planning.planNext();
  else planning.plan(oldest, at);
};

/**
 * Decides what becomes of each occurrence up to some time ahead, in their order and without a gap: planned as a job, or
 * skipped. The first one that lies further ahead is always planned, unless runs may not overlap: then one is planned
 * when the one before has ended.
 */
export const decidePlan = (command: PlanOccurrences, state: ScheduleState): ScheduleDecision => {
  if (state.status === 'none') return reject({ code: 'schedule-not-found' });
  if (state.status !== 'active') return accept();
  const calendar = undecidedOf(state, command.calendar);
  const planning = startPlanning(command, state, calendar);
  planning.leaveOut(stoodInFor(state, command.calendar));
  const undecided = { ...state, decidedUntil: planning.until() };
  const plan = state.definition.whenStillRunning === 'allow' ? planAhead : planOne;
  plan(command, undecided, calendar, planning);
  return accept(...planning.events);
};
