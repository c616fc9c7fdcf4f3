import { ownerShares } from '../../../../processes/planning/owner-shares';
import { manualTimers } from '../../../support/manual-timers';

// one owner's schedules wait for themselves

test('an owner has ten seconds of his rate at once, and then his rate; others have theirs', () => {
  const timers = manualTimers();
  const shares = ownerShares(5, timers);
  shares.take('greedy', 49);
  expect(shares.has('greedy')).toBe(true);
  shares.take('greedy', 1);
  expect(shares.has('greedy')).toBe(false);
  expect(shares.has('other')).toBe(true);
  timers.advance(150);
  expect(shares.has('greedy')).toBe(false);
  timers.advance(101);
  expect(shares.has('greedy')).toBe(true);
});

test('a decision that plans more than is left is waited for', () => {
  const timers = manualTimers();
  const shares = ownerShares(5, timers);
  shares.take('greedy', 60);
  timers.advance(2_100);
  expect(shares.has('greedy')).toBe(false);
  timers.advance(101);
  expect(shares.has('greedy')).toBe(true);
});
