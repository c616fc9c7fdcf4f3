import type { SeenTimeStore } from '../../infra/postgres/seen-time';
import type { QueuedJobs } from '../../projections/queries/rescuing/queued-jobs';
import { pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Timers } from '../runtime/timers';
import { seenTime, type SeenTime } from './seen-time';
import type { RescuerSettings } from './settings';

export type TimeWatchDeps = {
  readonly queued: Pick<QueuedJobs, 'look'>;
  readonly seenTime: SeenTimeStore;
  readonly logger: Logger;
  readonly timers: Timers;
};

/** Watches time pass, whether or not this rescuer is the one that acts. */
export type TimeWatch = {
  readonly seen: SeenTime;
  /** Looks at the database once more. @throws what the database throws */
  readonly lookNow: () => Promise<void>;
  /** Looks at the database again and again, until the signal aborts. Never rejects. */
  readonly watch: (signal: AbortSignal) => Promise<void>;
  /** Writes down what is known, for a rescuer that starts later. Never rejects. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
};

/** Often enough that a short sleep of the machine shows. */
const LOOK_EVERY_MS = 1_000;
/** So much of the time that has passed may be forgotten when a rescuer is killed. */
const KEEP_EVERY_MS = 5_000;

export const timeWatch = (
  { queued, seenTime: store, logger, timers }: TimeWatchDeps,
  { everyMs }: RescuerSettings,
): TimeWatch => {
  const seen = seenTime();
  let isTaken = false;
  const lookNow = async (): Promise<void> => {
    const look = await queued.look();
    seen.see(look, timers.monotonicMs());
  };
  return {
    seen,
    lookNow,
    watch: async (signal) => {
      while (!signal.aborted) {
        try {
          if (!isTaken) seen.goOnFrom(await store.load());
          isTaken = true;
          await lookNow();
        } catch (error) {
          logger.debug({ err: error }, 'the database tells no time');
        }
        await pause(Math.min(LOOK_EVERY_MS, everyMs), signal);
      }
    },
    keep: async (signal) => {
      while (!signal.aborted) {
        await pause(KEEP_EVERY_MS, signal);
        try {
          if (isTaken) await store.save(seen.soFar());
        } catch (error) {
          logger.debug({ err: error }, 'the time seen to pass is not written down');
        }
      }
    },
  };
};
