import type { Draw } from '../../domain/chance';
import type { Instant } from '../../domain/time';
import type { ServerTime } from '../../infra/server-time';
import type { PlannerProgress } from '../../infra/postgres/planner-progress';
import type {
  PlannedSchedule,
  PlanningCursor,
  PlanningPage,
  SchedulePlanning,
} from '../../projections/queries/schedules/planning';
import type { Unfinished } from '../../projections/queries/schedules/unfinished';
import { unwatched, type Vitals } from '../health/vitals';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import { contained, type Contained } from '../runtime/contained';
import { innerController } from '../runtime/inner-signal';
import { isLogAway, isLogOutage } from '../runtime/log-outage';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { systemTimers, type Timers } from '../runtime/timers';
import { wakeUp } from '../runtime/wake-up';
import { mending } from './mend';
import { planOne, type PlanDeps } from './plan-due';
import { ownerShares } from './owner-shares';
import { sureClock } from './sure-clock';
import { plannerDefaults, type PlannerSettings } from './settings';

export type PlannerDeps = Omit<PlanDeps, 'aheadMs' | 'shares'> & {
  /** Of the read model. */
  readonly serverTime: ServerTime;
  readonly planning: SchedulePlanning;
  readonly unfinished: Unfinished;
  readonly progress: PlannerProgress;
  /** Calls `changed` when schedules changed. @returns what ends that */
  readonly onSchedules: (changed: () => void) => () => void;
  readonly logger: Logger;
  readonly draw: Draw;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<PlannerSettings>;
};

/** Whether a message on the channel `projected` says that rows of schedules were written. A false one costs a look. */
export const tellsOfSchedules = (payload: string): boolean => payload.includes('schedulePosition');

/** A schedule that should have been planned so long ago is overdue, in ms. */
const OVERDUE_MS = 30_000;
/** How often it is counted, in ms. */
const COUNT_EVERY_MS = 5_000;

/** A look is followed by a rest that is so many times as long, so that looking takes no more than its share. */
const REST_FACTOR = 4;

/** What could not be done is put off, and told once. */
const containing = (
  { metrics, logger, timers = systemTimers }: PlannerDeps,
  { concurrency }: PlannerSettings,
) => {
  const containedBy = <Item>(
    idOf: (item: Item) => string,
    named: (id: string) => object,
  ): Contained<Item> =>
    contained({
      ...{ timers, concurrency, idOf },
      isOutage: isLogAway,
      onFault: (item, error, times) => {
        metrics.fault();
        if (times > 1) return;
        const fields = { err: error, ...named(idOf(item)) };
        logger.warn(fields, 'a schedule cannot be planned now; it is put off');
      },
    });
  return {
    schedules: () =>
      containedBy<PlannedSchedule>(
        ({ scheduleId }) => scheduleId,
        (scheduleId) => ({ scheduleId }),
      ),
    jobs: <Item extends { readonly jobId: string }>() =>
      containedBy<Item>(
        ({ jobId }) => jobId,
        (jobId) => ({ jobId }),
      ),
  };
};

/** What the planner looks at, over and over; each of them apart from the others. */
const looksOf = (deps: PlannerDeps, settings: PlannerSettings, stopping: AbortSignal) => {
  const { planning, metrics, clock, vitals = unwatched, timers } = deps;
  const { schedules, jobs } = containing(deps, settings);
  const sure = sureClock(clock, deps.serverTime);
  const aheadMs = (): number => settings.aheadMs + sure.leadMs();
  const shares = ownerShares(settings.ownerPerSecond, timers);
  const plan = planOne({ ...deps, clock: sure, aheadMs, shares });

  /** Each that is due once, however many there are and however many of them cannot be planned. */
  const sweep = (
    pageOf: SchedulePlanning['due'],
    until: () => Instant,
    onPage: () => void,
  ): (() => Promise<void>) => {
    const { each } = schedules();
    return async () => {
      await sure.compare();
      const upTo = until();
      /** Owners who have had their share: the rest of theirs is for the next sweep. */
      const passing = new Set<string>();
      const read = (after?: PlanningCursor) => {
        const span = { until: upTo, after, limit: settings.pageSize, passing: [...passing] };
        const page = pageOf(span);
        page.catch(() => undefined); // told when it is its turn
        return page;
      };
      let coming: Promise<PlanningPage> | undefined = read();
      while (coming) {
        const { found, next }: PlanningPage = await coming;
        // one page is read while the one before is planned
        coming = next && !stopping.aborted ? read(next) : undefined;
        await each(found, plan);
        for (const { schedule } of found)
          if (!shares.has(schedule.definition.ownerId)) passing.add(schedule.definition.ownerId);
        onPage();
      }
    };
  };
  return {
    due: sweep(planning.due, () => clock.now() + settings.aheadMs, vitals.moved),
    oneByOne: sweep(planning.dueOneByOne, clock.now, () => undefined),
    mend: mending({ ...deps, settings }, jobs),
    count: async () => {
      metrics.overdue(await planning.overdue(clock.now() - OVERDUE_MS));
    },
  };
};

/**
 * Plans the next occurrences of schedules as jobs, and finishes what was begun. All that it does goes by the log at
 * the revision that it saw, so several may run, and one that was killed has left nothing half done for long.
 */
export const planner = (deps: PlannerDeps): Process => ({
  name: 'planner',
  run: async (signal) => {
    const { logger, vitals = unwatched, timers = systemTimers } = deps;
    const settings = { ...plannerDefaults, ...deps.settings };
    const stopping = innerController(signal).signal;
    const changed = wakeUp(timers);
    const looks = looksOf(deps, settings, stopping);

    /** Look after look; one that fails is repeated, later each time. */
    const looking = async (
      look: () => Promise<void>,
      rest: (tookMs: number) => Promise<void>,
    ): Promise<void> => {
      for (let failures = 0; !stopping.aborted;)
        try {
          const startedMs = timers.monotonicMs();
          await look();
          failures = 0;
          vitals.worked('event-store');
          vitals.worked('read-model');
          await rest(timers.monotonicMs() - startedMs);
        } catch (error) {
          failures += 1;
          vitals.failed(isLogOutage(error) ? 'event-store' : 'read-model', error);
          if (failures === 1) logger.warn({ err: error }, 'schedules cannot be planned now');
          await pause(backoffMs(failures, outagePolicy, deps.draw()), stopping);
        }
    };
    const resting =
      (everyMs: number) =>
      async (tookMs: number): Promise<void> => {
        await pause(Math.max(everyMs, REST_FACTOR * tookMs), stopping);
      };

    const stopListening = deps.onSchedules(changed.call);
    stopping.addEventListener('abort', () => {
      changed.call();
    });
    try {
      await Promise.all([
        looking(looks.due, async (tookMs) => {
          await pause(tookMs, stopping); // changes come by the thousand
          await changed.wait(settings.everyMs);
        }),
        looking(looks.oneByOne, resting(settings.oneByOneEveryMs)),
        looking(looks.mend, resting(settings.mendEveryMs)),
        looking(looks.count, resting(COUNT_EVERY_MS)),
      ]);
    } finally {
      stopListening();
    }
  },
});
