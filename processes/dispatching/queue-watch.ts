import type { Draw } from '../../domain/chance';
import { toTimestamp } from '../../domain/time';
import type {
  UnservedQueue,
  UnservedQueues,
  WaitingQueue,
} from '../../projections/queries/rescuing/unserved-queues';
import { backoffMs, pause, type BackoffPolicy } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { MAX_QUEUES_NAMED, type QueueWatchMetrics } from './metrics';

export type QueueWatchSettings = {
  readonly everyMs: number;
  /** Without executors for this long, while jobs wait, a queue is unserved. */
  readonly unservedMs: number;
  /** Dispatched jobs read at once, and pages of them in one look. */
  readonly pageSize: number;
  readonly pagesPerLook: number;
  /** Queues told at most: anybody may invent names. */
  readonly maxTold: number;
};

const queueWatchDefaults: QueueWatchSettings = {
  everyMs: 5_000,
  unservedMs: 60_000,
  pageSize: 20_000,
  pagesPerLook: 5,
  maxTold: 100,
};

export type QueueWatchDeps = {
  readonly queues: UnservedQueues;
  /** Calls `work` if nobody else is at it right now; gives whether it was called. */
  readonly exclusively: (work: () => Promise<void>) => Promise<boolean>;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: QueueWatchMetrics;
  readonly settings?: Partial<QueueWatchSettings>;
};

/** How many looks one watcher goes on for before the others may try to be the one. */
const LOOKS = 6;
const failurePolicy: BackoffPolicy = { baseMs: 500, capMs: 10_000 };

type Waiting = Map<string, WaitingQueue>;

const addTo = (waiting: Waiting, queues: readonly WaitingQueue[]): void => {
  for (const one of queues) {
    const { since, jobs } = waiting.get(one.queue) ?? { since: one.since, jobs: 0 };
    waiting.set(one.queue, {
      queue: one.queue,
      since: Math.min(since, one.since),
      jobs: jobs + one.jobs,
    });
  }
};

const byName = (queues: readonly UnservedQueue[]): ReadonlyMap<string, UnservedQueue> =>
  new Map(queues.map((one) => [one.queue, one]));

/** Queues whose jobs wait, as the last complete pass over all dispatched jobs saw them; a long one takes several looks. */
const passes = ({ queued }: UnservedQueues, { pageSize, pagesPerLook }: QueueWatchSettings) => {
  let complete: Waiting = new Map();
  let underWay: Waiting = new Map();
  let after = -1n;
  return async (): Promise<Waiting> => {
    for (let page = 0; page < pagesPerLook; page += 1) {
      const { queues, next } = await queued(after, pageSize);
      addTo(underWay, queues);
      after = next ?? -1n;
      if (next !== undefined) continue;
      complete = underWay;
      underWay = new Map();
      break;
    }
    return new Map(complete);
  };
};

/**
 * Finds queues with waiting jobs for which no executor that can take them has beaten for a while, though beats could be heard, and tells it:
 * to `/readyz` through the database, as a metric, and in the log when it begins and when it ends. One looks,
 * whoever holds the lock. While the database is away it waits; it never ends the program.
 */
export const queueWatch = (deps: QueueWatchDeps): Process => ({
  name: 'queue-watch',
  run: async (signal) => {
    const settings = { ...queueWatchDefaults, ...deps.settings };
    const { queues, logger, metrics } = deps;
    /** As last told; undefined as long as another one looks. */
    let told: ReadonlyMap<string, UnservedQueue> | undefined;

    const find = async (waiting: Waiting, before: ReadonlyMap<string, UnservedQueue>) => {
      const { now, audibleSince, lastBeats, hindrances } = await queues.beats();
      // deaf: nobody can say who serves what, so what was known stands
      if (audibleSince === undefined) return [...before.values()];
      return [...waiting.values()]
        .map((one) => {
          const known = before.get(one.queue);
          const lastBeat = lastBeats.get(one.queue) ?? 0;
          // its oldest job may have been cancelled since: the queue is no less unserved for that
          if (known && lastBeat < known.since) return { ...one, since: known.since };
          return { ...one, since: Math.max(one.since, lastBeat, audibleSince) };
        })
        .filter(({ since }) => now - since >= settings.unservedMs)
        .sort((a, b) => a.since - b.since)
        .slice(0, settings.maxTold)
        .map((one) => {
          const why = hindrances.get(one.queue);
          return why === undefined ? one : { ...one, why };
        });
    };

    const count = (found: readonly UnservedQueue[]): void => {
      metrics.unserved(found.length);
      const named = found.slice(0, MAX_QUEUES_NAMED);
      metrics.unservedJobs(new Map(named.map(({ queue, jobs }) => [queue, jobs])));
    };

    const tell = async (
      found: readonly UnservedQueue[],
      before: ReadonlyMap<string, UnservedQueue>,
    ): Promise<void> => {
      const after = byName(found);
      for (const { since, ...rest } of found)
        if (!before.has(rest.queue))
          logger.warn(
            { ...rest, since: toTimestamp(since) },
            'no executor serves this queue, and its jobs wait',
          );
      for (const queue of before.keys())
        if (!after.has(queue))
          logger.info({ queue }, 'the queue is served again, or nothing waits in it any more');
      count(found);
      told = after;
      if (after.size + before.size > 0) await queues.tell(found);
    };

    let look = passes(queues, settings);
    const lead = async (): Promise<void> => {
      for (let n = 0; n < LOOKS && !signal.aborted; n += 1) {
        const waiting = await look();
        addTo(waiting, await queues.heldBack());
        // what another one has told is not told a second time
        const before = told ?? byName((await queues.told(settings.maxTold)).longest);
        await tell(await find(waiting, before), before);
        failures = 0;
        await pause(settings.everyMs, signal);
      }
    };
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (await deps.exclusively(lead)) continue;
        told = undefined;
        look = passes(queues, settings);
        count([]);
      } catch (error) {
        failures += 1;
        if (!signal.aborted) logger.warn({ err: error, failures }, 'queues cannot be looked at');
      }
      await pause(
        settings.everyMs + (failures > 0 ? backoffMs(failures, failurePolicy, deps.draw()) : 0),
        signal,
      );
    }
  },
});
