import type { Page } from 'playwright-core';
import { drawAt } from '../../../domain/simulation/draw';

const MINUTE_MS = 60_000;
const HALF_DAY = 720;

/** More on every full hour and half hour, as people like it. */
const jobsIn = (at: number): number => {
  const minute = Math.floor(at / MINUTE_MS) % 60;
  const draw = drawAt(3, Math.floor(at / MINUTE_MS));
  const usual = draw < 0.5 ? 0 : Math.floor(draw * 40);
  if (minute === 0) return 900 + usual;
  return minute % 30 === 0 ? 240 + usual : usual;
};

/** Lets a page see half a day behind and half a day ahead of a busy system, whatever the real one has. */
export const madeUpLoad = async (page: Page): Promise<void> => {
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const bucketsOf = (from: number): readonly (readonly [string, number])[] =>
    Array.from({ length: HALF_DAY }, (_, n) => from + n * MINUTE_MS).flatMap((at) =>
      jobsIn(at) === 0 ? [] : [[new Date(at).toISOString(), jobsIn(at)] as const],
    );
  const around = { from: '', to: '', step: 'minute' };
  await page.route(/\/v1\/forecast/, (route) => {
    // a third of what comes is of schedules, and no job yet
    const isPlanned = route.request().url().includes('/schedules');
    const buckets = bucketsOf(now + MINUTE_MS)
      .filter((_, n) => (n % 3 === 0) === isPlanned)
      .map(([at, many]) => ({ at, [isPlanned ? 'runs' : 'jobs']: many }));
    return route.fulfill({ json: { ...around, buckets } });
  });
  await page.route(/\/v1\/lateness/, (route) => {
    const buckets = bucketsOf(now - HALF_DAY * MINUTE_MS).map(([at, starts], n) => {
      const p50Ms = 3 + Math.floor(starts / 60 + 3 * drawAt(5, n));
      const p99Ms = p50Ms * 4 + Math.floor(starts * 1.4);
      return { at, starts, p50Ms, p90Ms: p50Ms * 2, p99Ms, maxMs: p99Ms * 2 };
    });
    return route.fulfill({ json: { ...around, buckets } });
  });
};
