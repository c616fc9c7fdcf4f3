import { watchDeadlines } from '../../../handlers/deadlines';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('what is not done by its deadline expires once, and is told so when it ends', () => {
  const deadlines = watchDeadlines(Date.now);
  const expired: string[] = [];
  const now = Date.now();
  const late = deadlines.add(now + 1_000, () => expired.push('late'));
  const early = deadlines.add(now + 1_000, () => expired.push('early'));
  deadlines.add(Infinity, () => expired.push('never'));
  expect(early()).toBe(true);
  jest.advanceTimersByTime(5_000);
  expect(expired).toEqual(['late']);
  expect(late()).toBe(false);
  deadlines.close();
});

test('a closed watch keeps no timer', () => {
  watchDeadlines(Date.now).close();
  expect(jest.getTimerCount()).toBe(0);
});
