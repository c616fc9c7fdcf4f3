import { clockChanges } from '../../../console/time/clock-change';

test('a change of clocks is found to the minute, whatever the second one looks at it', () => {
  const from = Date.UTC(2026, 10, 29, 11);
  for (let ms = 0; ms < 120_000; ms += 1_237) {
    const { forward, back } = clockChanges('Europe/Berlin', from + ms);
    expect(forward).toEqual({ at: Date.UTC(2027, 2, 28, 1), byMs: 3_600_000 });
    expect(back).toEqual({ at: Date.UTC(2027, 9, 31, 1), byMs: -3_600_000 });
  }
});
