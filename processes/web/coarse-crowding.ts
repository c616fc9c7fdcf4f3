import type { Draw } from '../../domain/chance';
import type { Instant } from '../../domain/time';

/** Parts of the capacity. */
const BAND = 0.25;
const CEASES_FROM = 1;
const BEGINS_FROM = CEASES_FROM + BAND;

type Told = {
  readonly isCrowded: boolean;
  /** Jobs of the minute; with more it is crowded. */
  readonly line: number;
};

/**
 * Which minutes are told as crowded to who must not count the jobs of others. Whoever could move his own jobs up to a
 * known number would see by the next change that somebody else has scheduled one. So a minute begins to be crowded at a
 * number that is drawn by chance, and ceases to be at another one below it; each time it does one or the other, the next
 * number is drawn anew. One job more is seen with a chance of 4 / capacity, whatever one does to see it. What is told as
 * crowded has more jobs than the capacity.
 *
 * @param capacity  jobs that are wanted in a minute at most
 */
export const coarseCrowding = (capacity: number, draw: Draw) => {
  const known = new Map<Instant, Told>();
  const next = (isCrowded: boolean): Told => ({
    isCrowded,
    line: capacity * ((isCrowded ? CEASES_FROM : BEGINS_FROM) + BAND * draw()),
  });
  return {
    isCrowded: (minute: Instant, jobs: number): boolean => {
      if (jobs <= capacity) {
        known.delete(minute);
        return false;
      }
      const told = known.get(minute) ?? next(false);
      const isCrowded = jobs > told.line;
      known.set(minute, isCrowded === told.isCrowded ? told : next(isCrowded));
      return isCrowded;
    },
    /** Forgets those that nobody has asked for since they have room, or are over. */
    forget: (jobsOf: (minute: Instant) => number): void => {
      for (const minute of known.keys()) if (jobsOf(minute) <= capacity) known.delete(minute);
    },
  };
};
