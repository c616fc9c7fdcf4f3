import { alarm } from '../../../../processes/dispatching/alarm';
import { bothClocks } from '../../../../processes/dispatching/both-clocks';
import type { Timers } from '../../../../processes/runtime/timers';
import { manualTimers } from '../../../support/manual-timers';

const HOUR_MS = 3_600_000;

test('nothing is due before the database clock is known', () => {
  const clocks = bothClocks({ now: () => 5_000 }, manualTimers());
  expect(clocks.now()).toBe(-Infinity);
});

test.each`
  processMs  | databaseMs | nowMs     | why
  ${10_000}  | ${12_000}  | ${10_000} | ${'the process clock is behind'}
  ${12_000}  | ${10_000}  | ${10_000} | ${'the database clock is behind'}
  ${HOUR_MS} | ${10_000}  | ${10_000} | ${'the process clock jumped ahead'}
`('it is as late as the slower clock says: $why', (row: Record<string, number>) => {
  const clocks = bothClocks({ now: () => row['processMs'] ?? 0 }, manualTimers());
  clocks.sample(row['databaseMs'] ?? 0);
  expect(clocks.now()).toBe(row['nowMs']);
});

test('between two readings the database clock goes on by monotonic time', () => {
  const timers = manualTimers();
  const clocks = bothClocks({ now: () => HOUR_MS }, timers);
  clocks.sample(10_000);
  timers.advance(250);
  expect(clocks.now()).toBe(10_250);
});

test('an answer that was long on its way does not make the clock slow', () => {
  const timers = manualTimers();
  const clocks = bothClocks({ now: () => HOUR_MS }, timers);
  clocks.sample(10_000);
  timers.advance(250);
  clocks.sample(10_200); // read 50 ms ago
  expect(clocks.now()).toBe(10_250);
});

test('a database clock that was set back is believed after eight readings', () => {
  const timers = manualTimers();
  const clocks = bothClocks({ now: () => HOUR_MS }, timers);
  clocks.sample(20_000);
  for (let reading = 1; reading <= 8; reading++) clocks.sample(10_000);
  expect(clocks.now()).toBe(10_000);
});

describe('the alarm', () => {
  const setUp = (timers: Timers) => {
    const rings: number[] = [];
    const clock = { aheadMs: 0 };
    const now = (): number => Math.floor(timers.monotonicMs()) - clock.aheadMs;
    return { rings, clock, bell: alarm(timers, now, () => rings.push(now())) };
  };

  test('rings at the due time, once', () => {
    const timers = manualTimers();
    const { rings, bell } = setUp(timers);
    bell.set(1_000);
    timers.advance(5_000);
    expect(rings).toEqual([1_000]);
  });

  test('does not ring early although timers may fire up to a millisecond early', () => {
    const timers = manualTimers();
    const early: Timers = {
      ...timers,
      after: (ms, run) => timers.after(Math.max(0.1, ms - 0.9), run),
    };
    const { rings, bell } = setUp(early);
    bell.set(1_000);
    timers.advance(5_000);
    expect(rings).toEqual([1_000]);
  });

  test('rings for the nearer time when that is set later', () => {
    const timers = manualTimers();
    const { rings, bell } = setUp(timers);
    bell.set(HOUR_MS);
    timers.advance(100);
    bell.set(150);
    timers.advance(100);
    expect(rings).toEqual([150]);
  });

  test('notices within a quarter of a second that a clock was set', () => {
    const timers = manualTimers();
    const { rings, clock, bell } = setUp(timers);
    bell.set(HOUR_MS);
    clock.aheadMs = -HOUR_MS;
    timers.advance(250);
    expect(rings).toHaveLength(1);
  });

  test('can be silenced', () => {
    const timers = manualTimers();
    const { rings, bell } = setUp(timers);
    bell.set(1_000);
    bell.set(undefined);
    timers.advance(5_000);
    expect(rings).toEqual([]);
    expect(timers.pending()).toBe(0);
  });
});
