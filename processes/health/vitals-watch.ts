import type { VitalsStore } from '../../infra/postgres/process-vitals';
import { pause } from '../runtime/backoff';
import type { ClockSkews } from './clock-watch';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import type { VitalSigns, WatchedVitals } from './vitals';

export type VitalsWatchDeps = {
  /** One start of one program. */
  readonly instance: string;
  readonly watched: readonly Pick<WatchedVitals, 'look'>[];
  readonly skews: () => ClockSkews;
  /** Absent for a program that may not read or write it: its log and metrics tell. */
  readonly store?: VitalsStore;
  readonly logger: Logger;
  readonly everyMs?: number;
};

/** Whoever is not heard of for five of these is not there. */
const EVERY_MS = 2_000;

/** Tells everybody who can read the read model how the processes of this program are. */
export const vitalsWatch = (deps: VitalsWatchDeps): Process => ({
  name: 'vitals-watch',
  run: async (outer) => {
    const { instance, watched, skews, store, logger, everyMs = EVERY_MS } = deps;
    const { signal } = innerController(outer);
    let isTold = true;
    while (!signal.aborted) {
      const signs: readonly VitalSigns[] = watched.map(({ look }) => look());
      try {
        await store?.tell(instance, signs, skews());
        isTold = true;
      } catch (error) {
        // each process says itself that it waits for the read model
        if (isTold) logger.warn({ err: error }, 'how the processes are could not be told');
        isTold = false;
      }
      await pause(everyMs, signal);
    }
    await store?.forget(instance).catch(() => undefined); // it is forgotten by itself
  },
});
