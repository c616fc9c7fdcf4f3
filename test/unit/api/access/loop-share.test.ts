import { loopShare } from '../../../../api/access/loop-share';

/** A share of 100 ms a second, 500 ms at once, of a processor that spends what it is told. */
const bench = () => {
  let now = 0;
  let spent = 0;
  const share = loopShare({
    msPerSecond: 100,
    burstMs: 500,
    nowMs: () => now,
    spentMs: () => spent,
  });
  return {
    later: (ms: number) => {
      now += ms;
    },
    /** How many of so many that cost `ms` each were done. */
    done: (count: number, ms: number, principal = 'ada') => {
      let done = 0;
      for (let i = 0; i < count; i += 1)
        if (share(principal, () => (spent += ms)) !== undefined) done += 1;
      return done;
    },
  };
};

test('who sends what costs little is never held up', () => {
  const { done, later } = bench();
  for (let second = 0; second < 20; second += 1) {
    expect(done(100, 0.5)).toBe(100);
    later(1_000);
  }
});

test('who sends what costs much over and over has a tenth of the time in the long run, and the others have theirs', () => {
  const { done, later } = bench();
  expect(done(100, 50)).toBe(10);
  expect(done(100, 50, 'bob')).toBe(10);
  let more = 0;
  for (let second = 0; second < 100; second += 1) {
    later(1_000);
    more += done(100, 50);
  }
  expect(more).toBe(200);
});

test('what the work comes to is handed on, undefined too, and what it throws', () => {
  const share = loopShare();
  expect(share('ada', () => undefined)).toEqual({ value: undefined });
  expect(() =>
    share('ada', () => {
      throw new Error('no');
    }),
  ).toThrow('no');
});
