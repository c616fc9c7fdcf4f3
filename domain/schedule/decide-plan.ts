import { accept, reject } from '../decider';
import { fromTimestamp, toTimestamp, type Instant } from '../time';
import type { Calendar } from './calendar';
import type { PlanOccurrences } from './commands';
import type { ScheduleDecision } from './decision';
import type { WhenMissed } from './definition';
import type { SkippedBecause } from './event-kinds/occurrences';
import type { ScheduleEvent } from './events';
import { MAX_PLANNED, MISSED_AFTER_MS } from './limits';
import { comeUntil, usualDueAt, type KnownSchedule, type ScheduleState } from './state';

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

/** Instants of the rule without those that have been decided one by one. */
const undecidedOf = (schedule: KnownSchedule, calendar: Calendar): Calendar => {
  const alone = new Set(
    [...schedule.exceptions, ...schedule.ahead]
      .map(({ occurrenceAt }) => occurrenceAt)
      .filter((occurrenceAt) => occurrenceAt > schedule.decidedUntil),
  );
  if (alone.size === 0) return calendar;
  const next = (after: Instant): Instant | undefined => {
    let at = calendar.next(after);
    while (at !== undefined && alone.has(at)) at = calendar.next(at);
    return at;
  };
  return {
    tzdata: calendar.tzdata,
    next,
    between: (after, until, newest) => {
      const all = calendar.between(after, until, newest + alone.size);
      const isWithin = (at: Instant): boolean => at > after && at <= until;
      const lone = [...alone].filter(isWithin).length;
      const left = all.newest.filter((at) => !alone.has(at)).slice(-Math.max(1, newest));
      const first = next(after);
      const isNone = first === undefined || first > until;
      return {
        count: isNone ? 0 : all.count - lone,
        first: isNone ? undefined : first,
        last: isNone ? undefined : left.at(-1),
        newest: newest === 0 ? [] : left,
      };
    },
  };
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

/** What is missed and undecided: the events that skip it, and those of them that run all the same. */
const missed = (
  at: Instant,
  schedule: KnownSchedule,
  calendar: Calendar,
): { readonly skips: readonly ScheduleEvent[]; readonly run: readonly Instant[] } => {
  const { whenMissed } = schedule.definition;
  const kept = keptOf(whenMissed);
  const afterMs = whenMissed.policy === 'skip' ? whenMissed.afterMs : MISSED_AFTER_MS;
  const missedUntil = comeUntil(schedule, at) - afterMs;
  const first = calendar.next(schedule.decidedUntil);
  if (first === undefined || first > missedUntil) return { skips: [], run: [] };
  // who runs the newest of all that have come must not run one of this very minute beside it
  const until = kept === 0 ? missedUntil : comeUntil(schedule, at);
  const { count, newest } = calendar.between(schedule.decidedUntil, until, kept + 1);
  const run = newest.slice(Math.max(0, newest.length - kept));
  const lastSkipped = newest.at(-(run.length + 1));
  if (lastSkipped === undefined) return { skips: [], run };
  return { skips: [skipped(first, lastSkipped, count - run.length, 'missed', calendar)], run };
};

/**
 * Decides what becomes of each occurrence up to some time ahead, in their order and without a gap: planned as a job, or
 * skipped as missed. The first one that lies further ahead is always planned.
 */
export const decidePlan = (command: PlanOccurrences, state: ScheduleState): ScheduleDecision => {
  if (state.status === 'none') return reject({ code: 'schedule-not-found' });
  if (state.status !== 'active') return accept();
  const { at, jobIds, aheadMs } = command;
  const calendar = undecidedOf(state, command.calendar);
  const limitOf = latenessLimits(state, command.calendar);
  const { skips, run } = missed(at, state, calendar);
  const events: ScheduleEvent[] = [...planMoved(command, state), ...skips];

  const plan = (occurrenceAt: Instant, dueAt: Instant): void => {
    const maxLatenessMs = limitOf(occurrenceAt);
    events.push({
      type: 'OccurrencePlanned',
      data: {
        occurrenceAt: toTimestamp(occurrenceAt),
        dueAt: toTimestamp(dueAt),
        jobId: jobIds(occurrenceAt, state.revision + BigInt(events.length + 1)),
        tzdata: calendar.tzdata,
        ...(maxLatenessMs !== undefined && { maxLatenessMs }),
      },
    });
  };

  run.forEach((occurrenceAt, index) => {
    plan(occurrenceAt, at + index); // due now, in this order
  });
  let until = run.at(-1) ?? skippedUntil(skips) ?? state.decidedUntil;
  const isBeyond = (occurrenceAt: Instant, ms: number): boolean =>
    usualDueAt(state, occurrenceAt) > at + ms;
  if (isBeyond(until, aheadMs)) return accept(...events);
  while (events.length < MAX_PLANNED) {
    const next = calendar.next(until);
    if (next === undefined)
      return accept(...events, { type: 'ScheduleCompleted', data: { tzdata: calendar.tzdata } });
    // twice as far as has to be: frequent ones are planned many at a time
    if (isBeyond(until, aheadMs) && isBeyond(next, 2 * aheadMs)) break;
    plan(next, Math.max(at, usualDueAt(state, next)));
    until = next;
  }
  return accept(...events);
};
