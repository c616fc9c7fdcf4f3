import { LRUCache } from 'lru-cache';
import { planSchedule, stopSchedule, type Planned } from '../../commands/schedules/plan';
import { makeJob } from '../../commands/schedules/schedule-jobs';
import type { HandleDeps } from '../../commands/handle';
import type { JobCommands } from '../../commands/job-commands';
import type { Calendar } from '../../domain/schedule/calendar';
import type { Calendars } from '../../domain/schedule/calendars';
import { isHeld } from '../../domain/schedule/decide-plan';
import type { PlannedSchedule } from '../../projections/queries/schedules/planning';
import type { Done } from '../runtime/contained';
import type { PlannerMetrics } from './metrics';
import type { OwnerShares } from './owner-shares';

export type PlanDeps = HandleDeps & {
  /** Asked at each look: they had better remember what they compiled. */
  readonly calendars: Calendars;
  readonly jobs: Pick<JobCommands, 'abort' | 'cancel'>;
  readonly metrics: PlannerMetrics;
  /** How far ahead all is decided, in ms by `clock`. */
  readonly aheadMs: () => number;
  readonly shares: OwnerShares;
};

/**
 * Plans one schedule as the read model has it.
 *
 * @returns `skipped` for what is planned already, as far as the read model shows, and where its owner has no share left
 * @throws as the event log does
 */
export type PlanOne = (planned: PlannedSchedule) => Promise<Done>;

/** Schedules that were planned lately and that the read model may show as they were before. */
const KEPT_REVISIONS = 200_000;

const STILL_RUNNING = 'the next run of its schedule is due';

export const planOne = (deps: PlanDeps): PlanOne => {
  const { calendars, metrics, aheadMs, shares } = deps;
  /** Up to which revision each was planned: what the read model shows of before is old. */
  const done = new LRUCache<string, bigint>({ max: KEPT_REVISIONS });

  const count = (planned: Planned): void => {
    if (planned.outcome !== 'planned') return;
    for (const { type, data } of planned.events) {
      if (type === 'OccurrencePlanned') metrics.planned();
      if (type === 'OccurrencesSkipped') metrics.skipped(data.reason, data.count);
      if (type === 'ScheduleStopped') metrics.stopped();
    }
  };

  /** The run that goes on has to make way. */
  const makeWay = async (
    { scheduleId, schedule, lastRun }: PlannedSchedule,
    calendar: Calendar,
  ): Promise<void> => {
    const { lastJobId, definition } = schedule;
    const isToEnd =
      definition.whenStillRunning === 'cancel-other' &&
      lastRun === 'open' &&
      lastJobId !== undefined &&
      isHeld(schedule, calendar, deps.clock.now());
    if (!isToEnd) return;
    const actor = { kind: 'operator', id: 'planner' } as const;
    const context = { actor, correlationId: scheduleId };
    const aborted = await deps.jobs.abort(lastJobId, STILL_RUNNING, context);
    if (aborted.outcome !== 'accepted') await deps.jobs.cancel(lastJobId, STILL_RUNNING, context);
  };

  return async (found) => {
    const { scheduleId, schedule } = found;
    const { definition, ruleSince, revision } = schedule;
    if ((done.get(scheduleId) ?? -1n) > revision) return 'skipped';
    if (!shares.has(definition.ownerId)) {
      metrics.heldBack();
      return 'skipped';
    }
    const made = calendars.of(definition.rule, ruleSince);
    if ('problem' in made) {
      const stopped = await stopSchedule(deps, found, made.problem);
      count(stopped);
      return stopped.outcome === 'stale' ? 'again' : 'settled';
    }
    await makeWay(found, made.calendar);
    const planned = await planSchedule(deps, found, made.calendar, aheadMs());
    if (planned.outcome === 'stale') return 'again';
    if (planned.outcome === 'idle') return 'settled';
    done.set(scheduleId, planned.revision);
    count(planned);
    shares.take(definition.ownerId, planned.jobs.length);
    for (const job of planned.jobs) if ((await makeJob(deps, job)) === 'made') metrics.made();
    return 'settled';
  };
};
