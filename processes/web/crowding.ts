import { isOperator } from '../../api/access/principal';
import type { Crowding, CrowdedMinute } from '../../api/routes/jobs/crowding';
import type { Draw } from '../../domain/chance';
import { minuteOf } from '../../domain/forecast';
import { toTimestamp, type Instant, type Clock } from '../../domain/time';
import type { FindCrowdedMinutes } from '../../projections/queries/crowded-minutes';
import { pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import { coarseCrowding } from './coarse-crowding';

/** Minutes counted between two looks at most; jobs of further ones wait for the next look. */
const MINUTES_COUNTED = 100_000;

export type CrowdingDeps = {
  readonly find: FindCrowdedMinutes;
  /** A minute with more jobs than this is crowded. */
  readonly capacity: number;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly logger: Logger;
};

type Counts = Map<Instant, number>;

const countOf = (counts: ReadonlyMap<Instant, number>, minute: Instant): number =>
  counts.get(minute) ?? 0;

/**
 * Knows crowded minutes from a look at the read model now and then, and from what was accepted here
 * since. `run` looks until its signal aborts and never rejects: without a look there are no warnings.
 */
export const crowding = (
  deps: CrowdingDeps,
): Crowding & { readonly run: (signal: AbortSignal) => Promise<void> } => {
  const { find, capacity, everyMs, clock, draw, logger } = deps;
  let found: ReadonlyMap<Instant, number> = new Map();
  let accepted: Counts = new Map();
  /** Accepted before the look that is under way, which may or may not see them. */
  let acceptedBefore: Counts = new Map();
  const coarse = coarseCrowding(capacity, draw);

  const jobsIn = (minute: Instant): number =>
    countOf(found, minute) + countOf(accepted, minute) + countOf(acceptedBefore, minute);

  const count = (minute: Instant): void => {
    if (accepted.size < MINUTES_COUNTED || accepted.has(minute))
      accepted.set(minute, countOf(accepted, minute) + 1);
  };

  const warning = (minute: Instant, jobs: number): CrowdedMinute => ({
    code: 'crowded-minute',
    minute: toTimestamp(minute),
    jobs,
    capacity,
  });

  const exactly = (minute: Instant): CrowdedMinute | undefined => {
    const jobs = jobsIn(minute);
    return jobs > capacity ? warning(minute, jobs) : undefined;
  };

  const coarsely = (minute: Instant): CrowdedMinute | undefined =>
    coarse.isCrowded(minute, jobsIn(minute))
      ? { ...warning(minute, capacity), isCoarse: true }
      : undefined;

  const look = async (): Promise<void> => {
    acceptedBefore = accepted;
    accepted = new Map();
    try {
      // half full is told too, for it may fill up before the next look
      const { jobs } = await find(minuteOf(clock.now()), Math.ceil(capacity / 2));
      found = jobs;
    } catch (error) {
      found = new Map();
      logger.warn({ err: error }, 'crowded minutes are not known: no warnings');
    } finally {
      acceptedBefore = new Map();
      coarse.forget(jobsIn);
    }
  };

  return {
    toldTo: (principal) => {
      const warningAt = isOperator(principal) ? exactly : coarsely;
      return {
        at: (dueAt) => warningAt(minuteOf(dueAt)),
        add: (dueAt) => {
          const minute = minuteOf(dueAt);
          count(minute);
          return warningAt(minute);
        },
      };
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await look();
        await pause(everyMs, signal);
      }
    },
  };
};
