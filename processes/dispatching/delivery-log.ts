import type { Logger } from '../runtime/logger';
import type { Timers } from '../runtime/timers';

/** What keeps due jobs from their executors, told for all of them together. */
export type DeliveryLog = {
  /** A try has failed and another one follows. */
  readonly failed: (
    job: { readonly jobId: string; readonly dueAt: number },
    error: unknown,
  ) => void;
  /** The job is on its way, or nothing is left to do for it. */
  readonly over: (jobId: string) => void;
  /** No other try is made here: the dispatcher reads the job again, or the rescuer finds it. */
  readonly gaveUp: (jobId: string, error: unknown) => void;
  /** Tells what has not been told yet, and ends. */
  readonly close: () => void;
};

export type DeliveryLogDeps = {
  readonly logger: Logger;
  readonly timers: Timers;
  /** Unix milliseconds, to say how late the oldest is. */
  readonly now: () => number;
};

/** Whoever fails and goes well again within it is counted in the metrics alone. */
const LOOK_EVERY_MS = 1_000;
/** Told again when there are so many times more or fewer... */
const CHANGES_MUCH = 10;
/** ...or when it has gone on for so much longer. */
const TELL_EVERY_MS = 60_000;

type Told = { readonly atMs: number; readonly jobs: number };

/**
 * One line when due jobs cannot go out, with how many and how late the oldest is, again when that has changed
 * much, and one when it is over: a server that is away concerns every job that is due.
 */
export const deliveryLog = ({ logger, timers, now }: DeliveryLogDeps): DeliveryLog => {
  const waiting = new Map<string, number>();
  let lastError: unknown;
  let givenUp = 0;
  let sinceMs = 0;
  let told: Told | undefined;
  let cancelLook: (() => void) | undefined;

  const changedMuch = ({ atMs, jobs }: Told): boolean =>
    waiting.size >= jobs * CHANGES_MUCH ||
    waiting.size * CHANGES_MUCH <= jobs ||
    timers.monotonicMs() - atMs >= TELL_EVERY_MS;
  const tellWaiting = (): void => {
    let oldestDueAt = Infinity;
    for (const dueAt of waiting.values()) oldestDueAt = Math.min(oldestDueAt, dueAt);
    const jobs = waiting.size;
    told = { atMs: timers.monotonicMs(), jobs };
    logger.warn(
      {
        err: lastError,
        jobs,
        oldestLateMs: Math.max(0, now() - oldestDueAt),
        forMs: Math.round(timers.monotonicMs() - sinceMs),
      },
      'due jobs cannot be dispatched; they are tried on until they can: see to the server that the error names, or ask punctual doctor',
    );
  };
  const tellGivenUp = (): void => {
    logger.error(
      { err: lastError, jobs: givenUp },
      'gave up on due jobs for now; they are looked at again within half a minute, and need nobody unless this comes back',
    );
    givenUp = 0;
  };
  const look = (): void => {
    cancelLook = undefined;
    if (givenUp > 0) tellGivenUp();
    if (waiting.size > 0) {
      if (!told || changedMuch(told)) tellWaiting();
      lookLater();
      return;
    }
    if (!told) return;
    const forMs = Math.round(timers.monotonicMs() - sinceMs);
    logger.info({ forMs }, 'due jobs are dispatched again');
    told = undefined;
  };
  const lookLater = (): void => {
    cancelLook ??= timers.after(LOOK_EVERY_MS, look);
  };

  return {
    failed: ({ jobId, dueAt }, error) => {
      if (waiting.size === 0 && !told) sinceMs = timers.monotonicMs();
      waiting.set(jobId, dueAt);
      lastError = error;
      lookLater();
    },
    over: (jobId) => {
      waiting.delete(jobId);
    },
    gaveUp: (jobId, error) => {
      waiting.delete(jobId);
      givenUp += 1;
      lastError = error;
      lookLater();
    },
    close: () => {
      cancelLook?.();
      if (givenUp > 0) tellGivenUp();
    },
  };
};
