import type { RetryPolicy } from './definition';

/** How much of a delay chance may take away, so that jobs that failed together do not come back together. */
const SPREAD = 0.1;

/**
 * Delay before attempt `n + 1`, given that attempt `n` failed: exponential, capped, up to a tenth shorter by chance.
 *
 * @param n     attempt that failed, counted from 1
 * @param draw  a draw from [0, 1)
 * @returns     whole milliseconds in (0.9 * d, d], d = min(maxDelayMs, initialDelayMs * factor^(n-1))
 */
export const retryDelayMs = (n: number, policy: RetryPolicy, draw: number): number => {
  const delayMs = Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.factor ** (n - 1));
  return Math.ceil(delayMs * (1 - SPREAD * draw));
};
