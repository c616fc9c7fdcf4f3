import type { Draw } from '../../../domain/chance';
import type { NewestEvents } from '../../../domain/event-log';
import { currentShares } from '../../../commands/set-shares';
import { noShares, type QueueShare, type Shares } from '../../../domain/shares/shares';
import { backoffMs, pause, type BackoffPolicy } from '../../runtime/backoff';
import type { Logger } from '../../runtime/logger';

/** Turns that an owner gets who has no weight of its own. */
const DEFAULT_WEIGHT = 1;
const REREAD_MS = 2_000;
const failurePolicy: BackoffPolicy = { baseMs: 250, capMs: 2_000 };

/** From the settings, for what the document does not name. Absent: no limit. */
export type DefaultLimits = {
  readonly runningPerOwner?: number;
  readonly runningPerQueue?: number;
  readonly ratePerSecond?: number;
};

export type OwnerLimits = { readonly maxRunning?: number; readonly weight: number };

/** The limits in force: what operators set, else the settings. Never waits; as old as the last read. */
export type LimitsInForce = {
  readonly limitsOfQueue: (queue: string) => QueueShare;
  readonly limitsOfOwner: (ownerId: string) => OwnerLimits;
  /** Whether anybody has a cap, so that running jobs have to be counted. */
  readonly countsRunning: () => boolean;
};

export type ShareLimits = LimitsInForce & {
  /** Resolves once the document was read, or with the signal: an outage is waited for. Never rejects. */
  readonly readFirst: (signal: AbortSignal) => Promise<void>;
  /** Reads it again and again until the signal aborts. Never rejects: an outage keeps what is known. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

const withMaximum = (maxRunning: number | undefined): { readonly maxRunning?: number } =>
  maxRunning === undefined ? {} : { maxRunning };

/** The limits of one document over the defaults. */
export const limitsIn = (
  shares: Shares,
  { runningPerOwner, runningPerQueue, ratePerSecond }: DefaultLimits,
): LimitsInForce => {
  // names come from outside: one may be `constructor`
  const queues = new Map(Object.entries(shares.queues));
  const owners = new Map(Object.entries(shares.owners));
  const anyQueue: QueueShare = {
    ...withMaximum(runningPerQueue),
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  };
  const anyOwner: OwnerLimits = { ...withMaximum(runningPerOwner), weight: DEFAULT_WEIGHT };
  const countsRunning =
    [runningPerOwner, runningPerQueue].some((cap) => cap !== undefined) ||
    [...queues.values()].some(
      ({ maxRunning, maxRunningPerOwner }) => (maxRunning ?? maxRunningPerOwner) !== undefined,
    ) ||
    [...owners.values()].some(({ maxRunning }) => maxRunning !== undefined);
  return {
    countsRunning: () => countsRunning,
    limitsOfQueue: (queue) => {
      const named = queues.get(queue);
      return named ? { ...anyQueue, ...named } : anyQueue;
    },
    limitsOfOwner: (ownerId) => {
      const named = owners.get(ownerId);
      return named ? { ...anyOwner, ...named } : anyOwner;
    },
  };
};

/** What the dispatcher holds queues and owners to, read from the log itself: no cache is asked. */
export const shareLimits = ({
  events,
  defaults,
  draw,
  logger,
  rereadMs = REREAD_MS,
}: {
  readonly events: NewestEvents;
  readonly defaults: DefaultLimits;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly rereadMs?: number;
}): ShareLimits => {
  let revision: bigint | undefined;
  let inForce = limitsIn(noShares, defaults);
  let failures = 0;

  const read = async (): Promise<boolean> => {
    try {
      const current = await currentShares(events);
      if (current.revision !== revision) inForce = limitsIn(current.shares, defaults);
      revision = current.revision;
      failures = 0;
      return true;
    } catch (error) {
      failures += 1;
      // once for each outage: it is tried again every two seconds
      if (failures === 1)
        logger.warn({ err: error, revision: revision?.toString() }, 'shares cannot be read again');
      return false;
    }
  };

  return {
    limitsOfQueue: (queue) => inForce.limitsOfQueue(queue),
    limitsOfOwner: (ownerId) => inForce.limitsOfOwner(ownerId),
    countsRunning: () => inForce.countsRunning(),
    readFirst: async (signal) => {
      while (!signal.aborted && !(await read()))
        await pause(backoffMs(failures, failurePolicy, draw()), signal);
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await pause(rereadMs, signal);
        if (!signal.aborted) await read();
      }
    },
  };
};

/** What the settings say for queues and owners that the document does not name. */
export const defaultLimitsOf = ({
  RUNNING_JOBS_PER_OWNER,
  RUNNING_JOBS_PER_QUEUE,
  QUEUE_RATE_PER_SECOND,
}: {
  readonly RUNNING_JOBS_PER_OWNER?: number;
  readonly RUNNING_JOBS_PER_QUEUE?: number;
  readonly QUEUE_RATE_PER_SECOND?: number;
}): DefaultLimits => ({
  ...(RUNNING_JOBS_PER_OWNER !== undefined && { runningPerOwner: RUNNING_JOBS_PER_OWNER }),
  ...(RUNNING_JOBS_PER_QUEUE !== undefined && { runningPerQueue: RUNNING_JOBS_PER_QUEUE }),
  ...(QUEUE_RATE_PER_SECOND !== undefined && { ratePerSecond: QUEUE_RATE_PER_SECOND }),
});
