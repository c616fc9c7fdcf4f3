import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Begins tasks at an even pace, however long each takes; resolves when all have ended.
 *
 * @throws the first error, once all that was begun has ended
 */
export const atPace = async (
  perSecond: number,
  count: number,
  task: (index: number) => Promise<unknown>,
): Promise<void> => {
  const underWay: Promise<unknown>[] = [];
  const errors: unknown[] = [];
  const startMs = performance.now();
  const dueAtMs = (index: number): number => startMs + (index * 1_000) / perSecond;
  for (let index = 0; index < count && errors.length === 0; index++) {
    const waitMs = dueAtMs(index) - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    underWay.push(task(index).catch((error: unknown) => errors.push(error)));
  }
  await Promise.all(underWay);
  if (errors.length > 0) throw errors[0];
};

/** Keeps `width` tasks under way until `count` have ended. @throws the first error */
export const inFlight = async (
  width: number,
  count: number,
  task: (index: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
};
