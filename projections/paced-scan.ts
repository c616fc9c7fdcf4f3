import type { LogScan, StoredBytes } from './log-scan';

/** How fast a scan may read. */
export type Pace =
  | 'full'
  | {
      readonly eventsPerSecond: number;
      /** Log positions a second by which it gets on at least, whatever events that takes. */
      readonly positionsPerSecond?: number;
    };

/** Monotonic time and one-shot timers. */
type Timers = {
  readonly monotonicMs: () => number;
  /** @returns a cancel */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

/** What a reader gets at once, so that its work comes in short strokes between which others have their turn. */
const STROKE_MS = 100;

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

/** Log positions of an event: a server may count bytes, and a scan may leave events of the system out. */
const positionsPerEvent = (batch: readonly StoredBytes[], before: bigint | undefined): number => {
  const first = batch[0]?.position ?? 0n;
  const last = batch.at(-1)?.position ?? 0n;
  const steps = before === undefined ? batch.length - 1 : batch.length;
  return Math.max(1, Number(last - (before ?? first)) / Math.max(1, steps));
};

const eventsPerSecondOf = (pace: Exclude<Pace, 'full'>, positions: number): number =>
  Math.max(pace.eventsPerSecond, (pace.positionsPerSecond ?? 0) / positions);

/**
 * A scan whose batches are cut smaller and handed out late, so that no more is read than `pace` allows.
 * Time that its reader did not use is not made up for.
 *
 * @param pace  asked before each batch
 */
export const paced = (scan: LogScan, pace: () => Pace | Promise<Pace>, timers: Timers): LogScan =>
  async function* pacedScan(range, signal) {
    let dueMs = timers.monotonicMs();
    let before: bigint | undefined;
    for await (const batch of scan(range, signal)) {
      const positions = positionsPerEvent(batch, before);
      before = batch.at(-1)?.position ?? before;
      for (let rest: readonly StoredBytes[] = batch; rest.length > 0;) {
        signal.throwIfAborted();
        const allowed = await pace();
        const nowMs = timers.monotonicMs();
        dueMs = Math.max(dueMs, nowMs);
        if (allowed === 'full') {
          dueMs = nowMs;
          yield rest;
          break;
        }
        const perSecond = eventsPerSecondOf(allowed, positions);
        if (dueMs > nowMs) await wait(timers, dueMs - nowMs, signal);
        const stroke = rest.slice(0, Math.max(1, Math.floor((perSecond * STROKE_MS) / 1_000)));
        rest = rest.slice(stroke.length);
        dueMs += (stroke.length * 1_000) / perSecond;
        yield stroke;
      }
    }
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

/** What a scan may read while the system works, unless told: a small part of what it reads alone. */
export const POLITE_PER_SECOND = 2_500;

/** A scan that is slower than the log grows never ends; at twice its growth it takes twice as long as with a still log. */
const KEEP_UP = 2;

const LOOK_EVERY_MS = 1_000;

/**
 * Full speed while the live system is idle. While it works, `eventsPerSecond`, or twice what it projects
 * itself when that is more. While its jobs are late nothing beyond `eventsPerSecond`: what lags behind may wait.
 *
 * @param look  asked at most once a second; when it cannot tell, the system is taken to work
 */
export const politePace = (
  look: () => Promise<LiveActivity>,
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
    const activity = await look();
    const positionsPerSecond = KEEP_UP * grownPerSecond(activity);
    if (!activity.isLive) return 'full';
    return activity.isLate ? { eventsPerSecond } : { eventsPerSecond, positionsPerSecond };
  };
  return async () => {
    if (monotonicMs() - lookedMs < LOOK_EVERY_MS) return pace;
    lookedMs = monotonicMs();
    pace = await looked().catch(() => ({ eventsPerSecond }));
    return pace;
  };
};
