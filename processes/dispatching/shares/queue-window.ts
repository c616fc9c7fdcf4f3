/**
 * How many jobs of one queue may be dispatched and not started, found as TCP Vegas finds its window (Brakmo and
 * Peterson, 1995): it grows while what fills it starts within a limit, and shrinks while it does not. The limit
 * follows the shortest way that was seen lately, for executors may be far away.
 */
export type QueueWindow = {
  /** Its size now. */
  readonly jobs: () => number;
  /** Somebody was held back by it. */
  readonly full: () => void;
  /** A dispatch has begun. */
  readonly begin: () => void;
  /** So many are unstarted now. */
  readonly counted: (unstarted: number, nowMs: number) => void;
  /** Whether somebody with little to do has jobs in the queue beside those who share the window. */
  readonly setContested: (isContested: boolean) => void;
  /** @param share  of all dispatches, those that are begun here, from 0 to 1 */
  readonly setShare: (share: number) => void;
};

export type WindowSettings = {
  /** Jobs that the window has room for at least: with nobody else in the queue, and beside somebody who has little to do. */
  readonly aloneJobs: number;
  readonly besideJobs: number;
  readonly maxJobs: number;
  /** How long a job may take from its dispatch to its start before the window shrinks, in these two cases. */
  readonly aloneMs: number;
  readonly besideMs: number;
};

/** Starts are counted over this long. */
const SMOOTHED_OVER_MS = 200;
/** The limit is so many times the shortest way seen in the last two of these spans. */
const TIMES_SHORTEST = 1.5;
const SPAN_MS = 10_000;
/** How long it is looked before that is believed: at first the way is long of what stands in it from before. */
const LOOKED_FOR_MS = 2_000;
const MAX_LIMIT_MS = 2_000;
const MOST_SHRUNK = 0.3;
/** Fewer starts than one in ten seconds are none. */
const LEAST_PER_MS = 1e-4;

export const queueWindow = (
  { aloneJobs, besideJobs, maxJobs, aloneMs, besideMs }: WindowSettings,
  openedAtMs: number,
  unstartedThen: number,
): QueueWindow => {
  let size = aloneJobs;
  let isContested = false;
  let share = 1;
  let wasFull = false;
  let begun = unstartedThen;
  let passed = 0;
  let countedAtMs = openedAtMs;
  let shrunkAtMs = -Infinity;
  // smoothed
  let unstartedJobs = 0;
  let startsPerMs = 0;
  // of the last span, and of this one
  let shortestBefore = Infinity;
  let shortest = Infinity;
  let spanAtMs = openedAtMs;
  let lookedSinceMs = openedAtMs;

  const observe = (delayMs: number, nowMs: number): void => {
    if (nowMs - spanAtMs > SPAN_MS) {
      shortestBefore = shortest;
      shortest = Infinity;
      spanAtMs = nowMs;
    }
    shortest = Math.min(shortest, delayMs);
  };
  const leastJobs = (): number => (isContested ? besideJobs : aloneJobs);
  const limitMs = (nowMs: number): number => {
    const most = isContested ? besideMs : aloneMs;
    if (nowMs - lookedSinceMs < LOOKED_FOR_MS) return most;
    const byWay = TIMES_SHORTEST * Math.min(shortest, shortestBefore);
    return Math.min(MAX_LIMIT_MS, Math.max(most, byWay));
  };
  const resize = (delayMs: number, nowMs: number): void => {
    const limit = limitMs(nowMs);
    if (delayMs <= limit) {
      if (wasFull) size = Math.min(maxJobs, size + Math.sqrt(size) / 2);
      return;
    }
    // that it was shrunk shows when all that was on its way has started
    if (nowMs - shrunkAtMs < Math.min(delayMs, SMOOTHED_OVER_MS)) return;
    shrunkAtMs = nowMs;
    size = Math.max(leastJobs(), size * Math.max(MOST_SHRUNK, limit / delayMs));
  };

  return {
    jobs: () => Math.max(size, leastJobs()),
    full: () => {
      wasFull = true;
    },
    begin: () => {
      begun += 1;
    },
    counted: (unstarted, nowMs) => {
      const sinceMs = Math.max(1, nowMs - countedAtMs);
      const part = 1 - Math.exp(-sinceMs / SMOOTHED_OVER_MS);
      const starts = Math.max(0, begun - unstarted - passed) / sinceMs;
      startsPerMs += (starts - startsPerMs) * part;
      unstartedJobs += (unstarted - unstartedJobs) * part;
      passed = begun - unstarted;
      countedAtMs = nowMs;
      const isKnown = startsPerMs > LEAST_PER_MS;
      const delayMs = isKnown ? (unstartedJobs * share) / startsPerMs : nowMs - openedAtMs;
      if (isKnown) observe(delayMs, nowMs);
      resize(delayMs, nowMs);
      wasFull = false;
    },
    setContested: (value) => {
      if (value && !isContested) {
        // how long the way is beside others shows from the least up
        size = besideJobs;
        shortestBefore = shortest = Infinity;
        spanAtMs = lookedSinceMs = countedAtMs;
      }
      isContested = value;
    },
    setShare: (part) => {
      share = part;
    },
  };
};
