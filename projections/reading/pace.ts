/** How fast the log may be read. */
export type Pace =
  | 'full'
  | {
      readonly eventsPerSecond: number;
      /** Log positions a second by which a reader gets on at least, whatever events that takes. */
      readonly positionsPerSecond?: number;
    };

/** Monotonic time and one-shot timers. */
export type Timers = {
  readonly monotonicMs: () => number;
  /** @returns a cancel */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

const wait = ({ after }: Timers, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = after(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    const abort = (): void => {
      cancel();
      // as it is for every scan: whatever the caller gave
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
  });

/** Lets work on the log come at a pace. */
export type Brake = {
  /**
   * Resolves when the work that was done before is paid for, with how many events a second may come next. Time
   * in which nobody asked is not made up for.
   *
   * @param positionsPerEvent  how far an event brings the reader on in the log; by default 1
   * @throws the reason of the aborted `signal`
   */
  readonly ready: (signal: AbortSignal, positionsPerEvent?: number) => Promise<number | 'full'>;
  /** Work is done that costs as much as these events, at what `ready` said. */
  readonly spend: (events: number, perSecond: number | 'full') => void;
};

/** @param pace  asked each time that somebody is about to work */
export const brake = (pace: () => Pace | Promise<Pace>, timers: Timers): Brake => {
  let dueMs = timers.monotonicMs();
  return {
    ready: async (signal, positionsPerEvent = 1) => {
      signal.throwIfAborted();
      const allowed = await pace();
      const nowMs = timers.monotonicMs();
      if (allowed === 'full') {
        dueMs = nowMs;
        return 'full';
      }
      if (dueMs > nowMs) await wait(timers, dueMs - nowMs, signal);
      const { eventsPerSecond, positionsPerSecond = 0 } = allowed;
      return Math.max(eventsPerSecond, positionsPerSecond / positionsPerEvent);
    },
    spend: (events, perSecond) => {
      if (perSecond === 'full') return;
      dueMs = Math.max(dueMs, timers.monotonicMs()) + (events * 1_000) / perSecond;
    },
  };
};

/** What the live system does. */
export type LiveActivity = {
  /** Whether it has projected something within the last seconds. */
  readonly isLive: boolean;
  /** Whether jobs wait for their dispatch after they were due. */
  readonly isLate: boolean;
  /** How far it has projected the log. */
  readonly position: bigint;
};

/** What a scan may read while the system works, by default. */
export const POLITE_PER_SECOND = 1_500;

/** A scan that is slower than the log grows never ends; at this many times its growth it takes five times as long as with a still log. */
const KEEP_UP = 1.25;

/**
 * While jobs are late, or the processor is full: they have what there is, and a scan only stays alive. Of full
 * cores 1,500 events a second are 7 in a hundred, and the middle of the starts was a fifth later
 * (docs/bench.md).
 */
const REST_SHARE = 0.1;

/** A processor of which less than this was idle is full: queues grow long before nothing is left. */
const FULL_BELOW = 0.1;

const LOOK_EVERY_MS = 1_000;

/** What tells how much is to spare. Both are asked at most once a second. */
export type Room = {
  /** When it cannot tell, the system is taken to work. */
  readonly look: () => Promise<LiveActivity>;
  /** Share of the processor, 0 to 1, that nobody used since it was asked before. */
  readonly idleShare: () => number;
};

/**
 * Full speed while the live system is idle. While it works, `eventsPerSecond`, or a quarter more than
 * what it projects itself when that is more. While its jobs are late, or the processor is full, a tenth of
 * `eventsPerSecond`: what lags behind may wait.
 */
export const politePace = (
  { look, idleShare }: Room,
  { monotonicMs }: Pick<Timers, 'monotonicMs'>,
  eventsPerSecond = POLITE_PER_SECOND,
): (() => Promise<Pace>) => {
  let lookedMs = -Infinity;
  let pace: Pace = { eventsPerSecond };
  let seen: { readonly position: bigint; readonly atMs: number } | undefined;

  const grownPerSecond = ({ position }: LiveActivity): number => {
    const atMs = monotonicMs();
    const grown = seen && (Number(position - seen.position) * 1_000) / (atMs - seen.atMs);
    seen = { position, atMs };
    return Math.max(0, grown ?? 0);
  };
  const looked = async (): Promise<Pace> => {
    const isFull = idleShare() < FULL_BELOW;
    const activity = await look();
    const positionsPerSecond = KEEP_UP * grownPerSecond(activity);
    if (!activity.isLive) return 'full';
    return activity.isLate || isFull
      ? { eventsPerSecond: eventsPerSecond * REST_SHARE }
      : { eventsPerSecond, positionsPerSecond };
  };
  return async () => {
    if (monotonicMs() - lookedMs < LOOK_EVERY_MS) return pace;
    lookedMs = monotonicMs();
    pace = await looked().catch(() => ({ eventsPerSecond }));
    return pace;
  };
};
