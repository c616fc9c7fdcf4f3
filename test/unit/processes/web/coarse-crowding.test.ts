import { coarseCrowding } from '../../../../processes/web/coarse-crowding';
import { EPOCH } from '../../../support/jobs';

/** Of a capacity of 100, with the numbers that chance draws one after the other. */
const drawing = (...draws: readonly number[]) => {
  const left = [...draws];
  const coarse = coarseCrowding(100, () => {
    const drawn = left.shift();
    if (drawn === undefined) throw new Error('nothing more was to be drawn');
    return drawn;
  });
  return {
    ...coarse,
    isCrowded: (jobs: number) => coarse.isCrowded(EPOCH, jobs),
    left: () => left.length,
  };
};

test('a minute begins to be crowded at a number that chance draws from 1.25 to 1.5 times its capacity', () => {
  const lowest = drawing(0, 0);
  expect([125, 126].map(lowest.isCrowded)).toEqual([false, true]);
  const highest = drawing(0.96, 0);
  expect([149, 150].map(highest.isCrowded)).toEqual([false, true]);
});

test('it ceases to be at another number below that, so that one job back does not show where the first one lay', () => {
  const coarse = drawing(0.4, 0.4, 0); // over 135, up to 110, over 125
  expect([135, 136, 135, 111, 110].map(coarse.isCrowded)).toEqual([
    ...[false, true, true, true],
    false,
  ]);
});

test('the number is another one each time, so that who found one learns nothing of the next', () => {
  const coarse = drawing(0, 0, 0.8, 0); // over 125, up to 100, over 145, up to 100
  expect([126, 101, 100, 126, 145, 146].map(coarse.isCrowded)).toEqual([
    ...[true, true, false],
    ...[false, false, true],
  ]);
});

test('the number stays as long as nothing has come of it: each look with one of its own would tell the count in the end', () => {
  const coarse = drawing(0.5); // a second draw would throw
  expect([130, 120, 130, 137].map(coarse.isCrowded)).toEqual([false, false, false, false]);
});

test('what is told as crowded has more jobs than its capacity, whatever was drawn', () => {
  const coarse = drawing(0, 0);
  expect([200, 100].map(coarse.isCrowded)).toEqual([true, false]);
});

test('memory stays bounded: minutes with room are forgotten, and those that are over', () => {
  const coarse = drawing(0, 0, 0.8); // over 125, up to 100; forgotten: over 145
  coarse.isCrowded(140);
  coarse.forget(() => 101);
  expect(coarse.isCrowded(110)).toBe(true); // was kept: it has ceased at none yet
  coarse.forget(() => 100);
  expect(coarse.isCrowded(140)).toBe(false);
  expect(coarse.left()).toBe(0);
});
