import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds and gives its truthy answer. One that throws does not hold yet.
 *
 * @param timeoutMs  10 s unless told; generous, because it only matters when the test fails anyway
 * @param what       ends the sentence "timed out waiting until …"
 */
export const until = async <T>(
  condition: () => T | undefined | Promise<T | undefined>,
  { timeoutMs = 10_000, what = 'the condition holds' } = {},
): Promise<T> => {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await condition();
      if (answer) return answer;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`timed out waiting until ${what}`, { cause });
    }
    await sleep(5);
  }
};
