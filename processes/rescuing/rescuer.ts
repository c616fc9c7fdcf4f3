import type { AttemptCommands } from '../../commands/attempt-commands';
import type { Clock } from '../../domain/time';
import type { Draw } from '../../domain/chance';
import type { DueStock } from '../../infra/nats/due-stock';
import type { SeenTimeStore } from '../../infra/postgres/seen-time';
import type { QueuedJobs } from '../../projections/queries/rescuing/queued-jobs';
import type { UnfinishedJobs } from '../../projections/queries/rescuing/unfinished-jobs';
import { pause } from '../runtime/backoff';
import type { DueMessages } from '../protocol/due-messages';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { orphanedSearch, overdueSearch, tooLateSearch } from './attempts';
import { leftQueueSearch } from './broker/left-queue';
import { leftovers } from './broker/leftovers';
import { lostMessagesSearch } from './broker/lost-messages';
import { searchOn, type Search } from './search';
import type { RescuerMetrics } from './metrics';
import { rescuerDefaults, type RescuerSettings } from './settings';
import { strays } from './broker/strays';
import { timeWatch, type TimeWatch } from './time-watch';
import { systemTimers, type Timers } from '../runtime/timers';
import { unwatched, type Vitals } from '../health/vitals';

export type RescuerDeps = {
  readonly commands: AttemptCommands;
  readonly messages: Pick<DueMessages, 'publish'>;
  readonly stock: DueStock;
  readonly unfinished: UnfinishedJobs;
  readonly queued: QueuedJobs;
  readonly seenTime: SeenTimeStore;
  /** Calls `work` if no other rescuer is at it right now; gives whether it was called. The signal aborts when another may be. */
  readonly exclusively: (work: (lost: AbortSignal) => Promise<void>) => Promise<boolean>;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: RescuerMetrics;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<RescuerSettings>;
};

const searches = (
  given: RescuerDeps,
  timers: Timers,
  settings: RescuerSettings,
  { seen, lookNow }: TimeWatch,
): readonly Search[] => {
  const { concurrency } = settings;
  const common = { ...given, timers, concurrency, seen, lookNow, strays: strays(seen) };
  const deps = { ...common, leftovers: leftovers(common) };
  return [
    overdueSearch(deps, settings),
    orphanedSearch(deps, settings),
    tooLateSearch(deps, settings),
    lostMessagesSearch(deps, settings),
    leftQueueSearch(deps),
  ];
};

/**
 * Brings back what got stuck: messages that the broker has lost, attempts past their limit, attempts of
 * executors that are gone; and takes out of the broker what no job wants any more. Acts through the log,
 * so several may run. While broker, database or log are away it waits: an outage is no reason to give up
 * anybody's work.
 */
export const rescuer = (deps: RescuerDeps): Process => ({
  name: 'rescuer',
  run: async (signal) => {
    const settings = { ...rescuerDefaults, ...deps.settings };
    const { logger, timers = systemTimers, vitals = unwatched } = deps;
    const { everyMs } = settings;
    const stopping = innerController(signal).signal;
    const time = timeWatch({ ...deps, timers }, settings);
    const all = searches(deps, timers, settings, time);

    const lead = async (lost: AbortSignal): Promise<void> => {
      const ending = AbortSignal.any([stopping, lost]);
      await Promise.all([
        time.keep(ending),
        ...all.map((search) => searchOn(search, { ...deps, vitals, everyMs }, ending)),
      ]);
    };
    const work = async (): Promise<void> => {
      while (!stopping.aborted) {
        try {
          if (!(await deps.exclusively(lead))) vitals.standsBy();
        } catch (error) {
          vitals.failed('read-model', error);
          if (!stopping.aborted) logger.warn({ err: error }, 'no rescuer can be chosen');
        }
        await pause(everyMs, stopping);
      }
    };
    await Promise.all([time.watch(stopping), work()]);
  },
});
