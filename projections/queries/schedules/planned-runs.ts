import type { Knex } from 'knex';
import { floorTo, forecastStepMs, type ForecastWindow } from '../../../domain/forecast';
import type { Calendar } from '../../../domain/schedule/calendar';
import type { Calendars } from '../../../domain/schedule/calendars';
import { usualDueAt, type KnownSchedule } from '../../../domain/schedule/state';
import { undecided } from '../../../domain/schedule/upcoming';
import type { Instant } from '../../../domain/time';
import { forEachInParts, turn } from '../past/in-parts';
import { turns } from '../past/turns';
import { knownSchedule, SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-row';

/** Runs of schedules that are to come and have no job yet: as jobs wait, those are counted with the others. */
export type PlannedRuns = {
  /** By time; those without a run are left out. */
  readonly buckets: readonly { readonly at: Instant; readonly runs: number }[];
  /** False when there are more schedules or runs than were looked at: of each bucket there are at least so many. */
  readonly isComplete: boolean;
};

export type PlannedRunsQuery = ForecastWindow & {
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string;
  readonly signal: AbortSignal;
};

export type CountPlannedRuns = (query: PlannedRunsQuery) => Promise<PlannedRuns>;

/** Schedules that are looked at, the newest first. */
const MAX_SCHEDULES = 1_000;
/** Of each of them, a month of minutes, so that one that runs every second does not take all… */
const MAX_RUNS_OF_ONE = 50_000;
/** …and of all together: half a second of work, in parts. */
const MAX_RUNS = 300_000;

/** Without payloads, which are up to 64 KiB each. */
const rowsOf = (isOfOne: boolean): string => `
  select ${SCHEDULE_COLUMNS}
  from (select schedule_id, revision, position, status, definition::jsonb #- '{job,payload}' as definition,
               offset_ms, decided_until_ms, came_until_ms, last_job_id, note, created_at, rule_since, last_at, withdrawn_revision
        from schedules where status = 'active' ${isOfOne ? 'and owner_id = ?' : ''}
        order by created_at desc, schedule_id desc limit ?) t`;

/** When runs of a schedule come due in a window that have no job yet, one by one as they are asked for. */
function* runsIn(
  schedule: KnownSchedule,
  calendar: Calendar,
  { from, to }: ForecastWindow,
): Generator<Instant, void> {
  for (const { dueAt } of schedule.exceptions)
    if (dueAt !== undefined && dueAt >= from && dueAt < to) yield dueAt;
  for (const occurrenceAt of undecided(schedule, calendar, from - schedule.offsetMs - 1)) {
    const dueAt = usualDueAt(schedule, occurrenceAt);
    if (dueAt >= to) return;
    yield dueAt;
  }
}

/** The first so many. */
function* atMost<T>(max: number, all: Iterable<T>): Generator<T, void> {
  let given = 0;
  for (const one of all) {
    if (given === max) return;
    given += 1;
    yield one;
  }
}

const told = (runs: ReadonlyMap<Instant, number>, isComplete: boolean): PlannedRuns => ({
  buckets: [...runs].map(([at, many]) => ({ at, runs: many })).sort((a, b) => a.at - b.at),
  isComplete,
});

/** Counts what rules have ahead, by the read model and the calendars of this build; one owner at a time, and one in all. */
export const plannedRuns = (db: Knex, calendars: Calendars): CountPlannedRuns => {
  const inTurn = turns(1);
  const count = async (query: PlannedRunsQuery): Promise<PlannedRuns> => {
    const { step, ownerId, signal } = query;
    const { rows } = await db.raw<{ rows: readonly ScheduleRow[] }>(rowsOf(ownerId !== undefined), [
      ...(ownerId === undefined ? [] : [ownerId]),
      MAX_SCHEDULES + 1,
    ]);
    const runs = new Map<Instant, number>();
    let isComplete = rows.length <= MAX_SCHEDULES;
    let seen = 0;
    for (const row of rows.slice(0, MAX_SCHEDULES)) {
      signal.throwIfAborted();
      const schedule = knownSchedule(row);
      const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
      if ('problem' in made) continue; // nothing is planned of it, and its page says why
      const before = seen;
      const some = atMost(MAX_RUNS_OF_ONE + 1, runsIn(schedule, made.calendar, query));
      await forEachInParts(some, signal, (dueAt) => {
        const at = floorTo(forecastStepMs[step], dueAt);
        runs.set(at, (runs.get(at) ?? 0) + 1);
        seen += 1;
      });
      isComplete &&= seen - before <= MAX_RUNS_OF_ONE;
      if (seen >= MAX_RUNS) return told(runs, false);
      await turn(); // a rule takes what its text makes it take
    }
    return told(runs, isComplete);
  };
  return (query) => inTurn(JSON.stringify(query.ownerId ?? null), query.signal, () => count(query));
};
