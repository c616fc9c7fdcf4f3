import type { ServerTime } from '../../../../infra/server-time';
import { clockWatch } from '../../../../processes/health/clock-watch';
import { manualTimers } from '../../../support/manual-timers';
import { silentLogger } from '../../../support/processes';

const NOW = 1_000_000;

const look = async (time: ServerTime, timers = manualTimers()) => {
  const lines: unknown[] = [];
  const observed: unknown[] = [];
  const stopping = new AbortController();
  const watch = clockWatch({
    servers: { 'event-store': time },
    clock: { now: () => NOW },
    logger: { ...silentLogger, warn: (fields: object) => void lines.push(fields) },
    observe: (server, skewMs) => {
      observed.push([server, skewMs]);
      stopping.abort();
    },
    timers,
    everyMs: 1,
  });
  const running = watch.run(stopping.signal);
  await new Promise(setImmediate);
  stopping.abort();
  await running;
  return { skews: watch.skews(), lines, observed };
};

test('a server whose clock is 11 s ahead is told with a sentence and a metric', async () => {
  const { skews, lines, observed } = await look(() =>
    Promise.resolve({ nowMs: NOW + 11_000, withinMs: 500 }),
  );
  expect(skews).toEqual({ 'event-store': 10_500 });
  expect(observed).toEqual([['event-store', 10_500]]);
  expect(lines).toEqual([{ server: 'event-store', skewMs: 10_500 }]);
});

test('what a coarse clock or a slow answer explains is no skew', async () => {
  const coarse = await look(() => Promise.resolve({ nowMs: NOW - 499, withinMs: 500 }));
  expect(coarse.skews).toEqual({ 'event-store': -0 });
  const timers = manualTimers();
  const slow = await look(() => {
    timers.advance(6_000);
    return Promise.resolve({ nowMs: NOW - 5_900, withinMs: 0 });
  }, timers);
  expect(slow.skews).toEqual({ 'event-store': -0 });
});

test('a server that is away, or does not tell its time, has no skew', async () => {
  expect((await look(() => Promise.reject(new Error('away')))).skews).toEqual({});
  expect((await look(() => Promise.resolve(undefined))).skews).toEqual({});
});
