import { limitTimers } from '../../../../processes/executing/limit-timers';
import { manualTimers } from '../../../support/manual-timers';

/** A limit of a minute, and whether it has been reached. */
const limit = (delayMs = 60_000) => {
  const timers = manualTimers();
  // a sleep is time in which no timer fires: they all do when it is over
  let offsetMs = 0;
  const sleepy = { ...timers, monotonicMs: () => timers.monotonicMs() + offsetMs };
  let reached = 0;
  const cancel = limitTimers(sleepy).after(delayMs, () => {
    reached += 1;
  });
  return {
    ...{ timers, cancel },
    sleep: (ms: number): void => {
      offsetMs += ms;
    },
    reached: () => reached,
  };
};

test('a limit is reached when its time has passed, once', () => {
  const { timers, reached } = limit(2_500);
  timers.advance(2_499);
  expect(reached()).toBe(0);
  timers.advance(1);
  expect(reached()).toBe(1);
  expect(timers.pending()).toBe(0);
});

test('ten minutes of sleep take nothing from the limit of a job that slept as well', () => {
  const { timers, sleep, reached } = limit();
  timers.advance(12_000);
  sleep(600_000);
  timers.advance(47_999);
  expect(reached()).toBe(0);
  timers.advance(1_001); // the slice in which it slept began anew
  expect(reached()).toBe(1);
});

test('a limit of less than a second outlives a sleep too', () => {
  const { timers, sleep, reached } = limit(400);
  sleep(600_000);
  timers.advance(400);
  expect(reached()).toBe(0);
  timers.advance(400);
  expect(reached()).toBe(1);
});

test('a limit that was called off is never reached', () => {
  const { timers, cancel, reached } = limit();
  timers.advance(5_500);
  cancel();
  expect(timers.pending()).toBe(0);
  timers.advance(100_000);
  expect(reached()).toBe(0);
});
