/** How late a deadline may be noticed: one pass over what waits costs less than a timer for each. */
const passEveryMs = 250;

type Waiting = { readonly deadlineMs: number; readonly expire: () => void };

export type Deadlines = {
  /** Expires the work when its deadline passes first. @returns says that the work is done; false when it expired before */
  readonly add: (deadlineMs: number, expire: () => void) => () => boolean;
  readonly close: () => void;
};

/** Watches over work that has deadlines, in ms since the epoch. */
export const watchDeadlines = (nowMs: () => number): Deadlines => {
  const waiting = new Set<Waiting>();
  const pass = (): void => {
    const now = nowMs();
    for (const work of waiting) {
      if (work.deadlineMs > now) continue;
      waiting.delete(work);
      work.expire();
    }
  };
  const passing = setInterval(pass, passEveryMs).unref();
  return {
    add: (deadlineMs, expire) => {
      const work = { deadlineMs, expire };
      waiting.add(work);
      return () => waiting.delete(work);
    },
    close: () => clearInterval(passing),
  };
};
