import {
  canGo,
  latenessFrom,
  middleAfter,
  readMiddle,
  STEPS,
  windowOf,
} from '../../../../console/load/window';
import { forecastWindow } from '../../../../domain/forecast';
import { LATENESS_KEPT_MS, latenessWindow } from '../../../../domain/lateness';

const now = Date.UTC(2026, 10, 30, 9, 41);
const DAY_MS = 86_400_000;

/** Every window that the buttons lead to, from now on. */
const walk = (step: (typeof STEPS)[number], ways: 1 | -1) => {
  const found = [windowOf(step, now)];
  let middle: number | undefined = now;
  for (let last = found[0]; last && canGo(last, ways, now); last = found.at(-1)) {
    middle = middleAfter(step, middle ?? now, ways, now);
    if (middle === undefined) throw new Error('back at now');
    found.push(windowOf(step, readMiddle(new Date(middle).toISOString(), step, now) ?? now));
  }
  return found;
};

test('by the minute a whole day is seen, half of it behind and half ahead', () => {
  const { from, to } = windowOf('minute', now);
  expect([from, to]).toEqual([Date.UTC(2026, 10, 29, 21), Date.UTC(2026, 10, 30, 21)]);
});

test.each(STEPS)(
  'one window by the %s follows the other without a gap, and what is kept is seen to its end',
  (step) => {
    const back = walk(step, -1);
    back.slice(1).forEach((window, n) => expect(window.to).toBe(back[n]?.from));
    expect(back.at(-1)?.from).toBeLessThanOrEqual(now - LATENESS_KEPT_MS);
    const ahead = walk(step, 1);
    ahead.slice(1).forEach((window, n) => expect(window.from).toBe(ahead[n]?.to));
    expect(ahead.at(-1)?.to).toBeGreaterThanOrEqual(now + 366 * DAY_MS);
  },
);

test.each(STEPS)('the API answers each window by the %s at once', (step) => {
  for (const window of [...walk(step, -1), ...walk(step, 1)]) {
    expect(forecastWindow(window, now)).toEqual(window);
    if (window.from > now) continue; // nothing of it can be late
    const asked = latenessWindow({ step, from: latenessFrom(window, now) }, now);
    if ('problem' in asked) throw new Error(asked.problem);
    expect(asked.to).toBeGreaterThanOrEqual(Math.min(window.to, now));
  }
});

test('who comes back to now stays there, though the time has gone on', () => {
  const before = middleAfter('minute', now, -1, now);
  expect(before).toBe(now - DAY_MS);
  expect(middleAfter('minute', before ?? 0, 1, now + DAY_MS / 24)).toBeUndefined();
});

test('an address that names no time is now, and one beyond all that is known is brought back to it', () => {
  expect(readMiddle(null, 'minute', now)).toBeUndefined();
  expect(readMiddle('yesterday', 'minute', now)).toBeUndefined();
  expect(readMiddle('2026-11-20T12:00:00Z', 'minute', now)).toBe(Date.UTC(2026, 10, 20, 12));
  const oldest = windowOf('minute', readMiddle('1999-01-01T00:00:00Z', 'minute', now) ?? 0);
  expect(Math.abs(oldest.to - (now - LATENESS_KEPT_MS))).toBeLessThanOrEqual(DAY_MS / 24);
});
