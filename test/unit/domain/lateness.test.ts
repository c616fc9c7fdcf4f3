import fc from 'fast-check';
import { latenessCells, latenessSpanMs, latenessWindow, msOfCell } from '../../../domain/lateness';

const cellOf = (lateMs: number): number => latenessCells.findLastIndex((from) => from <= lateMs);

test('a cell stands for what fell into it, to a sixteenth, and below 16 ms exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 * 365 * 86_400_000 }), (lateMs) => {
      const told = msOfCell(cellOf(lateMs), Number.MAX_SAFE_INTEGER);
      expect(Math.abs(told - lateMs)).toBeLessThanOrEqual(lateMs / 16);
    }),
  );
  expect([0, 1, 15].map((lateMs) => msOfCell(cellOf(lateMs), 1_000))).toEqual([0, 1, 15]);
});

test('cells lie in order, each with room: what is later than the last begins is in the last', () => {
  expect(latenessCells.every((from, n) => from > (latenessCells[n - 1] ?? -1))).toBe(true);
  expect(msOfCell(latenessCells.length - 1, 9e15)).toBe(9e15);
});

test('no percentile is later than the latest', () => {
  expect(msOfCell(cellOf(961), 2_000)).toBe(992);
  expect(msOfCell(cellOf(961), 961)).toBe(961);
});

const now = Date.UTC(2026, 10, 23, 10, 0, 30);
const minute = 60_000;
const windowOf = (asked: Parameters<typeof latenessWindow>[0]) => {
  const found = latenessWindow(asked, now);
  return 'problem' in found ? found.problem : [found.from - now, found.to - now];
};
const end = 30_000; // of the minute that runs

test.each([
  [
    { step: 'minute' },
    [end - latenessSpanMs.minute, end],
    'the last day, with the minute that runs',
  ],
  [{ step: 'minute', from: now - 5 * minute }, [-5.5 * minute, end], 'from then until now'],
  [
    { step: 'minute', from: now - 3 * latenessSpanMs.minute },
    [-3 * latenessSpanMs.minute - end, -2 * latenessSpanMs.minute - end],
    'from then, as far as the step allows',
  ],
  [
    { step: 'minute', to: now + minute },
    [1.5 * minute - latenessSpanMs.minute, 1.5 * minute],
    'up to then',
  ],
  [
    { step: 'minute', from: now + 5 * minute },
    'ends-before-it-begins',
    'what is to come has no lateness',
  ],
  [
    { step: 'minute', from: now, to: now - 5 * minute },
    'ends-before-it-begins',
    'the wrong way round',
  ],
  [
    { step: 'hour', from: now - latenessSpanMs.hour, to: now },
    'too-long',
    'a window of 31 days and a part of an hour',
  ],
] as const)('%j is %j: %s', (asked, expected, _why) => {
  expect(windowOf(asked)).toEqual(expected);
});
