import { setTimeout as sleep } from 'node:timers/promises';

/** A look in 5 ms at first, later in a fifth of the wait so far: hundreds who look all the time slow down what they wait for. */
const pauseMs = (waitedMs: number): number => Math.min(Math.max(waitedMs / 5, 5), 250);

/**
 * Waits until a condition holds and gives its truthy answer. One that throws does not hold yet.
 *
 * @param timeoutMs  90 s unless told; generous, because it only matters when the test fails anyway
 * @param what       ends the sentence "timed out waiting until …"
 */
export const until = async <T>(
  condition: () => T | undefined | Promise<T | undefined>,
  { timeoutMs = 90_000, what = 'the condition holds' } = {},
): Promise<T> => {
  const startMs = performance.now();
  for (;;) {
    let cause: unknown;
    try {
      const answer = await condition();
      if (answer) return answer;
    } catch (error) {
      cause = error;
    }
    const waitedMs = performance.now() - startMs;
    if (waitedMs > timeoutMs) throw new Error(`timed out waiting until ${what}`, { cause });
    await sleep(pauseMs(waitedMs));
  }
};
