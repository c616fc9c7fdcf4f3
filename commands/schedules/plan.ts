import { scheduleStream, type Ids } from '../../domain/ids';
import type { Calendar } from '../../domain/schedule/calendar';
import type { JobIds, LastRun } from '../../domain/schedule/commands';
import { schedule as decider } from '../../domain/schedule/decide';
import type { ScheduleEvent } from '../../domain/schedule/events';
import type { KnownSchedule } from '../../domain/schedule/state';
import { fromTimestamp, toTimestamp, type Instant } from '../../domain/time';
import type { HandleDeps } from '../handle';
import { newEvents } from '../new-events';
import type { PlannedJob } from './schedule-jobs';

/** The same occurrence by the same event has the same job, whoever plans it. */
export const jobIdsOf =
  (ids: Ids, scheduleId: string): JobIds =>
  (occurrenceAt, revision) =>
    ids.derive('occurrence', scheduleId, toTimestamp(occurrenceAt), String(revision));

/** The jobs that events of a schedule plan. */
export const jobsOf = (
  scheduleId: string,
  { definition }: Pick<KnownSchedule, 'definition'>,
  events: readonly ScheduleEvent[],
): readonly PlannedJob[] =>
  events.flatMap((event): readonly PlannedJob[] => {
    const of = { scheduleId, definition };
    switch (event.type) {
      case 'OccurrencePlanned':
      case 'OccurrenceMoved': {
        const { jobId, occurrenceAt, dueAt } = event.data;
        const planned = { ...of, jobId, dueAt: fromTimestamp(dueAt) };
        const maxLatenessMs =
          event.type === 'OccurrencePlanned' ? event.data.maxLatenessMs : undefined;
        return [{ ...planned, occurrenceAt: fromTimestamp(occurrenceAt), maxLatenessMs }];
      }
      case 'ScheduleTriggered':
        return [{ ...of, jobId: event.data.jobId, dueAt: fromTimestamp(event.data.dueAt) }];
      case 'OccurrencesBackfilled': {
        const dueAt = fromTimestamp(event.data.dueAt);
        return event.data.occurrences.map(({ occurrenceAt, jobId }, index) => ({
          ...of,
          jobId,
          occurrenceAt: fromTimestamp(occurrenceAt),
          dueAt: dueAt + index,
        }));
      }
      default:
        return [];
    }
  });

export type Planned =
  | {
      readonly outcome: 'planned';
      readonly events: readonly ScheduleEvent[];
      readonly jobs: readonly PlannedJob[];
      readonly revision: bigint;
    }
  /** Nothing is to be decided now. */
  | { readonly outcome: 'idle' }
  /** Somebody was faster: the read model will say so. */
  | { readonly outcome: 'stale' };

type Planning = {
  readonly scheduleId: string;
  /** As of any revision: an old one is found out. */
  readonly schedule: KnownSchedule;
  readonly lastRun: LastRun;
};

const actor = { kind: 'system', id: 'planner' } as const;

const append = async (
  { log, ids }: HandleDeps,
  { scheduleId, schedule }: Planning,
  events: readonly ScheduleEvent[],
  at: Instant,
): Promise<Planned> => {
  const stream = scheduleStream(scheduleId);
  const { revision } = schedule;
  const commandId = ids.derive(scheduleId, 'plan', String(revision));
  const metadata = {
    $correlationId: scheduleId,
    $causationId: `${stream}@${revision}`,
    commandId,
    actor,
    at: toTimestamp(at),
  };
  // two planners may decide differently at one revision: each append is its own
  const seed = `${commandId}/${ids.next()}`;
  const appended = await log.append(stream, newEvents(ids, events, seed, metadata), revision);
  if (appended.outcome === 'conflict') return { outcome: 'stale' };
  const jobs = jobsOf(scheduleId, schedule, events);
  return { outcome: 'planned', events, jobs, revision: appended.revision };
};

/**
 * Decides what is to be decided now of a schedule, at the revision it is known at, reading nothing.
 *
 * @throws EventLogUnavailable, AppendOutcomeUnknown
 */
export const planSchedule = async (
  deps: HandleDeps,
  planning: Planning,
  calendar: Calendar,
  aheadMs: number,
): Promise<Planned> => {
  const { scheduleId, schedule, lastRun } = planning;
  const at = deps.clock.now();
  const jobIds = jobIdsOf(deps.ids, scheduleId);
  const decision = decider.decide(
    { type: 'PlanOccurrences', at, calendar, jobIds, aheadMs, lastRun },
    schedule,
  );
  if (decision.outcome === 'rejected' || decision.events.length === 0) return { outcome: 'idle' };
  return await append(deps, planning, decision.events, at);
};

/** Stops a schedule that cannot be computed. @throws as `planSchedule` */
export const stopSchedule = async (
  deps: HandleDeps,
  planning: Planning,
  problem: string,
): Promise<Planned> => {
  const at = deps.clock.now();
  const decision = decider.decide({ type: 'StopSchedule', at, problem }, planning.schedule);
  if (decision.outcome === 'rejected' || decision.events.length === 0) return { outcome: 'idle' };
  return await append(deps, planning, decision.events, at);
};
