import { setTimeout as pause } from 'node:timers/promises';
import { keepSearchIndex } from '../../../../processes/archiving/search-keeper';
import type { SearchStep } from '../../../../projections/search/search-index';
import { until } from '../../../support/until';

const keeping = (step: () => Promise<SearchStep>, idleShare = () => 1) => {
  const stopping = new AbortController();
  const lags: number[] = [];
  const warnings: unknown[] = [];
  let faults = 0;
  const ended = keepSearchIndex(
    {
      index: { step },
      idleShare,
      draw: () => 0,
      logger: { warn: (...told) => warnings.push(told) },
      metrics: { searchLagMs: (ageMs) => lags.push(ageMs), fault: () => (faults += 1) },
      everyMs: 1,
    },
    stopping.signal,
  );
  return {
    ...{ lags, warnings, faults: () => faults },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
};

test('it goes on after faults, counts each and tells the first of them, for lists are right without it', async () => {
  let steps = 0;
  const kept = keeping(() => {
    steps += 1;
    return steps <= 3 ? Promise.reject(new Error('away')) : Promise.resolve('caught-up');
  });
  await until(() => Promise.resolve(steps >= 6));
  await kept.stop();
  expect(kept.faults()).toBe(3);
  expect(kept.warnings).toHaveLength(1);
});

test('its lag grows while it has more to do, and is nothing once it has caught up', async () => {
  let steps = 0;
  let step: SearchStep = 'more';
  const kept = keeping(() => {
    steps += 1;
    return Promise.resolve(step);
  });
  await until(() => Promise.resolve(kept.lags.length >= 5 && (kept.lags.at(-1) ?? 0) > 20));
  expect(kept.lags).toEqual(kept.lags.toSorted((a, b) => a - b));
  const grown = kept.lags.at(-1) ?? 0;
  step = 'caught-up';
  const then = steps;
  await until(() => Promise.resolve(steps > then + 2 && (kept.lags.at(-1) ?? grown) < grown));
  await kept.stop();
});

test('it ends with its signal, also in the middle of a pause or after a fault', async () => {
  const kept = keeping(() => Promise.resolve('elsewhere'));
  await kept.stop();
  const failing = keeping(() => Promise.reject(new Error('away')));
  await failing.stop();
  expect(failing.warnings.length).toBeLessThanOrEqual(1);
});

test('while others fill the processor it rests many times as long as it works, or the projector would wait for it', async () => {
  const steps = async (idleShare: number): Promise<number> => {
    let count = 0;
    const kept = keeping(
      async () => {
        count += 1;
        await pause(20);
        return 'more';
      },
      () => idleShare,
    );
    await pause(1_000);
    await kept.stop();
    return count;
  };
  const [full, withRoom] = await Promise.all([steps(0.05), steps(0.5)]);
  expect(full).toBeGreaterThan(0);
  expect(withRoom).toBeGreaterThan(2 * full);
});
