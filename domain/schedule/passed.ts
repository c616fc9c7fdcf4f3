import { toTimestamp, type Instant } from '../time';
import type { Calendar } from './calendar';
import type { WhenMissed } from './definition';
import type { SkippedBecause } from './event-kinds/occurrences';
import type { ScheduleEvent } from './events';
import { MISSED_AFTER_MS } from './limits';
import { comeUntil, type KnownSchedule } from './state';
import { undecidedOf } from './undecided';

/** How many of the missed ones run. */
export const keptOf = (whenMissed: WhenMissed): number => {
  switch (whenMissed.policy) {
    case 'skip':
      return 0;
    case 'fire-once':
      return 1;
    case 'fire-all':
      return whenMissed.limit;
  }
};

/** The event that skips some: those from `first` to `last` that the rule has. */
export const skipped = (
  first: Instant,
  last: Instant,
  count: number,
  reason: SkippedBecause,
  { tzdata }: Calendar,
): ScheduleEvent => ({
  type: 'OccurrencesSkipped',
  data: { from: toTimestamp(first), to: toTimestamp(last), count, reason, tzdata },
});

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

/** What has come and is undecided: the events that skip of it, and those of it that run all the same. */
export type Passed = { readonly skips: readonly ScheduleEvent[]; readonly run: readonly Instant[] };

export const nothing: Passed = { skips: [], run: [] };

/** Of those up to some time the first or the newest `kept` run, all others are skipped. */
export const passed = (
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
export const missed = (at: Instant, schedule: KnownSchedule, calendar: Calendar): Passed => {
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
export const held = (schedule: KnownSchedule, calendar: Calendar, endedAt: Instant): Passed => {
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
