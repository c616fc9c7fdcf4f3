import { accept, reject } from '../decider';
import { fromTimestamp, toTimestamp, type Instant } from '../time';
import type { Calendar } from './calendar';
import type { PlanOccurrences } from './commands';
import type { ScheduleDecision } from './decision';
import type { WhenMissed } from './definition';
import type { SkippedBecause } from './event-kinds/occurrences';
import { standIn } from './displaced';
import type { ScheduleEvent } from './events';
import { MAX_PLANNED, MISSED_AFTER_MS } from './limits';
import { comeUntil, usualDueAt, type KnownSchedule, type ScheduleState } from './state';
import { undecidedOf } from './undecided';

/** How many of the missed ones run. */
const keptOf = (whenMissed: WhenMissed): number => {
  switch (whenMissed.policy) {
    case 'skip':
      return 0;
    case 'fire-once':
      return 1;
    case 'fire-all':
      return whenMissed.limit;
  }
};

/** The event that skips all undecided occurrences up to an instant; none when there are none. */
export const skipUntil = (
  schedule: KnownSchedule,
  calendar: Calendar,
  until: Instant,
  reason: SkippedBecause,
): readonly ScheduleEvent[] => {
  const { count, first, last } = undecidedOf(schedule, calendar).between(
    schedule.decidedUntil,
    until,
    1,
  );
  if (first === undefined || last === undefined) return [];
  return [skipped(first, last, count, reason, calendar)];
};

const skipped = (
  first: Instant,
  last: Instant,
  count: number,
  reason: SkippedBecause,
  { tzdata }: Calendar,
): ScheduleEvent => ({
  type: 'OccurrencesSkipped',
  data: { from: toTimestamp(first), to: toTimestamp(last), count, reason, tzdata },
});

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

/** What has come and is undecided: the events that skip of it, and those of it that run all the same. */
type Passed = { readonly skips: readonly ScheduleEvent[]; readonly run: readonly Instant[] };

const nothing: Passed = { skips: [], run: [] };

/** Of those up to some time the first or the newest `kept` run, all others are skipped. */
const passed = (
  schedule: KnownSchedule,
  calendar: Calendar,
  until: Instant,
  kept: number,
  reason: SkippedBecause,
): Passed => {
  const first = calendar.next(schedule.decidedUntil);
  if (first === undefined || first > until) return nothing;
  const { count, newest } = calendar.between(schedule.decidedUntil, until, kept + 1);
  const run = newest.slice(Math.max(0, newest.length - kept));
  const lastSkipped = newest.at(-(run.length + 1));
  if (lastSkipped === undefined) return { skips: [], run };
  return { skips: [skipped(first, lastSkipped, count - run.length, reason, calendar)], run };
};

/** What nobody planned in time. */
const missed = (at: Instant, schedule: KnownSchedule, calendar: Calendar): Passed => {
  const { whenMissed } = schedule.definition;
  const afterMs = whenMissed.policy === 'skip' ? whenMissed.afterMs : MISSED_AFTER_MS;
  const missedUntil = comeUntil(schedule, at) - afterMs;
  const first = calendar.next(schedule.decidedUntil);
  if (first === undefined || first > missedUntil) return nothing;
  const kept = keptOf(whenMissed);
  // who runs the newest of all that have come must not run one of this very minute beside it
  const until = kept === 0 ? missedUntil : comeUntil(schedule, at);
  return passed(schedule, calendar, until, kept, 'missed');
};

/** What came while the run before had not ended: one of it may run after that run. */
const held = (schedule: KnownSchedule, calendar: Calendar, endedAt: Instant): Passed => {
  const until = comeUntil(schedule, endedAt);
  switch (schedule.definition.whenStillRunning) {
    case 'allow':
      return nothing;
    case 'skip':
      return passed(schedule, calendar, until, 0, 'still-running');
    case 'cancel-other':
      return passed(schedule, calendar, until, 1, 'still-running');
    case 'buffer-one': {
      const first = calendar.next(schedule.decidedUntil);
      return first === undefined || first > until ? nothing : { skips: [], run: [first] };
    }
  }
};

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

/** What a decision has come to. */
type Planning = {
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

const startPlanning = (
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
