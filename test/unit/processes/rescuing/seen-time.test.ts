import { seenTime } from '../../../../processes/rescuing/seen-time';

const HOUR_MS = 3_600_000;
/** Long past, for no clock that is read here matters. */
const START = 1_000_000_000_000;

/** A rescuer that looks each second: at a database clock that may be set, while the log grows by ten. */
const watched = () => {
  const seen = seenTime();
  let nowMs = 500;
  let clockMs = START;
  let position = 0n;
  const look = (): void => {
    position += 10n;
    seen.see({ databaseNow: clockMs, position }, nowMs);
  };
  look();
  return {
    seen,
    nowMs: () => nowMs,
    position: () => position,
    pass: (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        nowMs += 1_000;
        clockMs += 1_000;
        look();
      }
    },
    setClock: (byMs: number): void => {
      clockMs += byMs;
    },
    /** Nobody looks; with CLOCK_MONOTONIC the sleep of a machine shows in the other clock only. */
    sleep: (ms: number, monotonicToo: boolean): void => {
      clockMs += ms;
      if (monotonicToo) nowMs += ms;
      look();
    },
  };
};

test('an event is as old as the time that was seen to pass since the log was seen to hold it', () => {
  const { seen, pass, position } = watched();
  pass(20);
  const started = position();
  pass(30);
  expect(seen.positionBefore(30_000)).toBe(started);
  expect(seen.positionBefore(51_000)).toBeUndefined();
  const band = seen.bands(0).find(({ upTo }) => upTo === started);
  expect(band).toEqual({ after: started - 10n, upTo: started, ageMs: 30_000 });
});

test.each([HOUR_MS, -HOUR_MS])(
  'a database clock that is set by %i ms makes nothing older, and age goes on from there',
  (byMs) => {
    const { seen, pass, position, setClock, nowMs } = watched();
    const started = position();
    pass(12);
    setClock(byMs);
    pass(1);
    expect(seen.isSteady(nowMs(), 5_000)).toBe(false);
    expect(seen.positionBefore(14_000)).toBeUndefined();
    pass(47);
    expect(seen.positionBefore(60_000)).toBe(started); // neither at once nor an hour late
    expect(seen.isSteady(nowMs(), 5_000)).toBe(true);
  },
);

test.each([true, false])(
  'ten minutes of sleep are no time that anybody ran (monotonic clock runs on: %s)',
  (monotonicToo) => {
    const { seen, pass, sleep, nowMs } = watched();
    pass(5);
    sleep(600_000, monotonicToo);
    expect(seen.positionBefore(8_001)).toBeUndefined();
    expect(seen.isSteady(nowMs(), 5_000)).toBe(false);
    pass(5);
    expect(seen.isSteady(nowMs(), 5_000)).toBe(true);
  },
);

test('who asks after a sleep, before anybody has looked again, is told that nothing is steady', () => {
  const { seen, pass, nowMs } = watched();
  pass(60);
  expect(seen.isSteady(nowMs() + 2_000, 15_000)).toBe(true);
  expect(seen.isSteady(nowMs() + 3_001, 15_000)).toBe(false);
});

test('a rescuer that starts goes on from what the one before had seen', () => {
  const first = watched();
  const started = first.position();
  first.pass(50);
  const second = seenTime();
  second.goOnFrom(first.seen.soFar());
  for (let s = 0; s <= 10; s++)
    second.see({ databaseNow: START + s * 1_000, position: first.position() + 10n }, s * 1_000);
  expect(second.positionBefore(60_000)).toBe(started);
  expect(second.positionBefore(61_000)).toBeUndefined();
});

test('a log that has become shorter is another one: what was known of the old one is forgotten', () => {
  const { seen, pass, nowMs } = watched();
  pass(50);
  seen.see({ databaseNow: START, position: 3n }, nowMs() + 1_000);
  expect(seen.positionBefore(1)).toBeUndefined();
});

test('a day of positions is a few hundred, none told older than it is and none younger by more than 4 %', () => {
  const { seen, pass } = watched();
  pass(24 * 3_600);
  const { positions, passedMs } = seen.soFar();
  expect(positions.length).toBeLessThan(1_000);
  let newer = passedMs;
  for (const sample of [...positions].reverse()) {
    const [older, younger] = [passedMs - sample.passedMs, passedMs - newer];
    expect(older - younger).toBeLessThanOrEqual(Math.max(2_000, older * 0.04));
    newer = sample.passedMs;
  }
});
