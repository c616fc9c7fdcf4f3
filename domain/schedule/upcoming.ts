import { toTimestamp, type Instant, type Timestamp } from '../time';
import type { Calendar } from './calendar';
import type { Timetable } from './calendars';
import { comeUntil, usualDueAt, type KnownSchedule } from './state';
import { undecidedOf } from './undecided';

/** A run that is to come, as far as it is known now. */
type Coming = {
  readonly occurrenceAt: Instant;
  readonly dueAt: Instant;
  /** Undefined for one that has no job yet. */
  readonly jobId?: string;
};

/** The same for people. */
export type Upcoming = {
  /** The instant that the rule says; it names the occurrence, wherever it was moved. */
  readonly occurrenceAt: Timestamp;
  readonly dueAt: Timestamp;
  /** What clocks of its zone show when it is due. */
  readonly localTime: string;
  readonly note?: string;
  readonly jobId?: string;
};

/**
 * Occurrences that nobody has decided, later than `after`, one by one as they are asked for; those that were moved,
 * cancelled or planned alone are not among them.
 */
export function* undecided(
  schedule: KnownSchedule,
  calendar: Calendar,
  after: Instant,
): Generator<Instant, void> {
  if (schedule.status !== 'active') return;
  const { next } = undecidedOf(schedule, calendar);
  let at = next(Math.max(after, schedule.decidedUntil));
  while (at !== undefined) {
    yield at;
    at = next(at);
  }
}

const runs = ({ status }: KnownSchedule): boolean => status !== 'paused' && status !== 'deleted';

/** The runs that come first, by the time at which they are due. */
const comingRuns = (
  schedule: KnownSchedule,
  calendar: Calendar,
  now: Instant,
  count: number,
): readonly Coming[] => {
  if (!runs(schedule)) return [];
  const coming: Coming[] = [...schedule.ahead];
  for (const { occurrenceAt, dueAt } of schedule.exceptions)
    if (dueAt !== undefined) coming.push({ occurrenceAt, dueAt });
  const ofRule = undecided(schedule, calendar, comeUntil(schedule, now));
  for (let n = 0; n < count; n += 1) {
    const { value: occurrenceAt } = ofRule.next();
    if (occurrenceAt === undefined) break;
    coming.push({ occurrenceAt, dueAt: usualDueAt(schedule, occurrenceAt) });
  }
  return coming
    .filter(({ dueAt }) => dueAt > now)
    .sort((a, b) => a.dueAt - b.dueAt || a.occurrenceAt - b.occurrenceAt)
    .slice(0, count);
};

/** What clocks show at the due time of a run, and what is to be said of it. */
const told = (
  { offsetMs }: Pick<KnownSchedule, 'offsetMs'>,
  timetable: Timetable,
  { occurrenceAt, dueAt }: Coming,
): Pick<Upcoming, 'localTime' | 'note'> => {
  const { localTime } = timetable.shownAt(dueAt);
  const nominal = timetable.shownAt(occurrenceAt);
  if (dueAt !== usualDueAt({ offsetMs }, occurrenceAt))
    return { localTime, note: `it was moved: its rule says ${nominal.localTime}` };
  return { localTime, ...(nominal.note !== undefined && { note: nominal.note }) };
};

/** The next runs of a schedule, for people. */
export const upcoming = (
  schedule: KnownSchedule,
  timetable: Timetable,
  now: Instant,
  count: number,
): readonly Upcoming[] =>
  comingRuns(schedule, timetable, now, count).map((run) => ({
    occurrenceAt: toTimestamp(run.occurrenceAt),
    dueAt: toTimestamp(run.dueAt),
    ...told(schedule, timetable, run),
    ...(run.jobId !== undefined && { jobId: run.jobId }),
  }));
