import type { Draw } from '../../domain/chance';
import { systemTimers } from './timers';

/** Milliseconds, both > 0. */
export type BackoffPolicy = { readonly baseMs: number; readonly capMs: number };

/** For calls to a server that is away: soon again at first, once a second at most, so that its return is noticed. */
export const outagePolicy: BackoffPolicy = { baseMs: 50, capMs: 1_000 };

/**
 * Delay before try `n + 1`, given that try `n` failed: exponential with full jitter.
 *
 * @param n     try that failed, counted from 1
 * @param draw  a draw from [0, 1)
 * @returns     whole milliseconds in [0, min(capMs, baseMs * 2^(n-1)))
 * @throws RangeError  when `n` < 1: a caller's bug
 */
export const backoffMs = (n: number, { baseMs, capMs }: BackoffPolicy, draw: number): number => {
  if (n < 1) throw new RangeError(`try ${n}: tries count from 1`);
  return Math.floor(draw * Math.min(capMs, baseMs * 2 ** (n - 1)));
};

/** Resolves after `delayMs`, or immediately when the signal aborts; never rejects. */
export const pause = (delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const onAbort = (): void => {
      cancel();
      resolve();
    };
    const cancel = systemTimers.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });

export type Retrying = {
  /** No further try once it aborts: the last error is thrown. */
  readonly signal: AbortSignal;
  readonly draw: Draw;
  readonly policy?: BackoffPolicy;
  /** Errors for which it answers false are thrown immediately; by default all are retried. */
  readonly isTransient?: (error: unknown) => boolean;
  /** Told of every failed try, the first one being 1. */
  readonly onFailure?: (error: unknown, tries: number) => void;
};

/** Calls until it succeeds. @throws the last error when the signal aborts or the error is not transient */
export const retrying = async <T>(
  call: () => Promise<T>,
  { signal, draw, policy = outagePolicy, isTransient = () => true, onFailure }: Retrying,
): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      onFailure?.(error, tries);
      if (signal.aborted || !isTransient(error)) throw error;
      await pause(backoffMs(tries, policy, draw()), signal);
      if (signal.aborted) throw error;
    }
  }
};
