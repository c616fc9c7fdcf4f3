import type { LogScan, StoredBytes } from './log-scan';

/** Events a second that a scan may read. */
export type Pace = number | 'full';

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

/**
 * A scan whose batches are cut smaller and handed out late, so that no more than `pace` events a second are read.
 * Time that its reader did not use is not made up for.
 *
 * @param pace  asked before each batch
 */
export const paced = (scan: LogScan, pace: () => Pace | Promise<Pace>, timers: Timers): LogScan =>
  async function* pacedScan(range, signal) {
    let dueMs = timers.monotonicMs();
    for await (const batch of scan(range, signal)) {
      for (let rest: readonly StoredBytes[] = batch; rest.length > 0;) {
        signal.throwIfAborted();
        const perSecond = await pace();
        const nowMs = timers.monotonicMs();
        dueMs = Math.max(dueMs, nowMs);
        if (perSecond === 'full') {
          dueMs = nowMs;
          yield rest;
          break;
        }
        if (dueMs > nowMs) await wait(timers, dueMs - nowMs, signal);
        const stroke = rest.slice(0, Math.max(1, Math.floor((perSecond * STROKE_MS) / 1_000)));
        rest = rest.slice(stroke.length);
        dueMs += (stroke.length * 1_000) / perSecond;
        yield stroke;
      }
    }
  };

/** What a scan may read while the system works, unless told: a small part of what it reads alone. */
export const POLITE_PER_SECOND = 2_500;

const LOOK_EVERY_MS = 1_000;

/**
 * Full speed while the live system is idle, `perSecond` while it works.
 *
 * @param isLive  asked at most once a second; when it cannot tell, the system is taken to work
 */
export const politePace = (
  isLive: () => Promise<boolean>,
  { monotonicMs }: Pick<Timers, 'monotonicMs'>,
  perSecond = POLITE_PER_SECOND,
): (() => Promise<Pace>) => {
  let lookedMs = -Infinity;
  let pace: Pace = perSecond;
  return async () => {
    if (monotonicMs() - lookedMs < LOOK_EVERY_MS) return pace;
    lookedMs = monotonicMs();
    pace = (await isLive().catch(() => true)) ? perSecond : 'full';
    return pace;
  };
};
