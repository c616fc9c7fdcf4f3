import { EventLogUnavailable } from '../../domain/event-log';
import { isReadModelLost, isTransientPostgresError } from '../../infra/postgres/failures';
import type { EventsNotInLog } from '../../projections/audit/same-log';
import { pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import type { Process } from '../runtime/process';
import type { Vitals } from '../health/vitals';

export type SameLogProcessDeps = {
  readonly name: string;
  /** Made again for each time that it runs. */
  readonly make: () => Process;
  /** What keeps it from running; undefined while the log has the events that the read model was made of. */
  readonly look: () => Promise<EventsNotInLog | undefined>;
  readonly vitals: Pick<Vitals, 'failed' | 'worked'>;
  /** How often it looks; by default 3 s. */
  readonly everyMs?: number;
};

const EVERY_MS = 3_000;
/** Servers that are away at the start are asked again so soon. */
const UNKNOWN_MS = 500;

/** Whoever cannot look knows nothing new: the process meets the same outage, and deals with it. */
const isOutage = (error: unknown): boolean =>
  error instanceof EventLogUnavailable || isTransientPostgresError(error);

/**
 * Runs a process that acts on the read model only while the log has the events that this was made of. A log that was
 * restored from an older copy has not: the process drains, says so, waits, and goes on when a replay has healed it.
 */
export const onSameLog = (deps: SameLogProcessDeps): Process => {
  const { name, make, look, vitals, everyMs = EVERY_MS } = deps;

  const looked = async (): Promise<EventsNotInLog | undefined | 'unknown'> => {
    try {
      return await look();
    } catch (error) {
      if (isOutage(error)) return 'unknown';
      if (isReadModelLost(error)) return undefined; // it says nothing that could be wrong
      throw error;
    }
  };

  /** Resolves when the log has other events, or the signal aborts. One look may be at a node that is behind. */
  const watch = async (signal: AbortSignal): Promise<void> => {
    for (let times = 0; times < 2 && !signal.aborted;) {
      await pause(everyMs, signal);
      const found = signal.aborted ? undefined : await looked();
      times = found instanceof Error ? times + 1 : 0;
    }
  };

  const runWhileSame = async (outer: AbortSignal): Promise<void> => {
    const inner = innerController(outer);
    const parts = [make().run(inner.signal), watch(inner.signal)].map((part) =>
      part.finally(() => inner.abort()),
    );
    for (const ended of await Promise.allSettled(parts))
      if (ended.status === 'rejected') throw ended.reason;
  };

  return {
    name,
    run: async (outer) => {
      const { signal } = innerController(outer);
      while (!signal.aborted) {
        const found = await looked();
        if (found === undefined) {
          vitals.worked('event-store');
          await runWhileSame(signal);
        } else if (found === 'unknown') await pause(UNKNOWN_MS, signal);
        else {
          vitals.failed('event-store', found);
          await pause(everyMs, signal);
        }
      }
    },
  };
};
