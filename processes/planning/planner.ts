import type { Draw } from '../../domain/chance';
import type { SchedulePlanning } from '../../projections/queries/schedules/planning';
import { unwatched, type Vitals } from '../health/vitals';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { systemTimers, type Timers } from '../runtime/timers';
import { wakeUp } from '../runtime/wake-up';
import { each } from './each';
import { mending } from './mend';
import { planOne, type PlanDeps } from './plan-due';
import { plannerDefaults, type PlannerSettings } from './settings';

export type PlannerDeps = Omit<PlanDeps, 'settings'> & {
  readonly planning: SchedulePlanning;
  /** Calls `changed` when schedules changed. @returns what ends that */
  readonly onSchedules: (changed: () => void) => () => void;
  readonly logger: Logger;
  readonly draw: Draw;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<PlannerSettings>;
};

/** A schedule that should have been planned so long ago is overdue, in ms. */
const OVERDUE_MS = 30_000;

/**
 * Plans the next occurrences of schedules as jobs, and finishes what was begun. All that it does goes by the log at
 * the revision that it saw, so several may run, and one that was killed has left nothing half done for long.
 */
export const planner = (deps: PlannerDeps): Process => ({
  name: 'planner',
  run: async (signal) => {
    const { planning, logger, metrics, clock, vitals = unwatched, timers = systemTimers } = deps;
    const settings = { ...plannerDefaults, ...deps.settings };
    const stopping = innerController(signal).signal;
    const plan = planOne({ ...deps, settings });
    const mend = mending({ ...deps, settings });
    const due = wakeUp(timers);

    const told = (failed: readonly { readonly error: unknown }[]): void => {
      const [first] = failed;
      if (!first) return;
      for (const _ of failed) metrics.fault();
      logger.warn(
        { err: first.error, count: failed.length },
        'schedules cannot be planned now; they are tried again',
      );
    };
    /** A look that fails is repeated, later each time. */
    const looking = async (
      look: () => Promise<'again' | 'rest'>,
      rest: () => Promise<void>,
    ): Promise<void> => {
      let failures = 0;
      while (!stopping.aborted)
        try {
          const next = await look();
          failures = 0;
          vitals.moved();
          if (next === 'rest') await rest();
        } catch (error) {
          failures += 1;
          vitals.failed('read-model', error);
          if (failures === 1) logger.warn({ err: error }, 'the planner cannot look at schedules');
          await pause(backoffMs(failures, outagePolicy, deps.draw()), stopping);
        }
    };

    const planDue = async (): Promise<'again' | 'rest'> => {
      const now = clock.now();
      const page = await planning.due(now + settings.aheadMs, settings.pageSize);
      const failed = await each(page, settings.concurrency, plan);
      told(failed);
      metrics.overdue(await planning.overdue(now - OVERDUE_MS));
      // the same page comes again until the read model has followed
      return page.length === settings.pageSize && failed.length === 0 ? 'again' : 'rest';
    };
    const planOneByOne = async (): Promise<'rest'> => {
      let after: string | undefined;
      for (;;) {
        const page = await planning.dueOneByOne(clock.now(), after, settings.pageSize);
        told(await each(page, settings.concurrency, plan));
        after = page.at(-1)?.scheduleId;
        if (page.length < settings.pageSize || stopping.aborted) return 'rest';
      }
    };

    const stopListening = deps.onSchedules(due.call);
    const wakeAtEnd = (): void => {
      due.call();
    };
    stopping.addEventListener('abort', wakeAtEnd);
    try {
      await Promise.all([
        looking(planDue, () => due.wait(settings.everyMs)),
        looking(planOneByOne, () => pause(settings.oneByOneEveryMs, stopping)),
        looking(
          async () => {
            told(await mend());
            return 'rest';
          },
          () => pause(settings.mendEveryMs, stopping),
        ),
      ]);
    } finally {
      stopListening();
    }
  },
});
