import {
  flowOf,
  ownerWindows,
  type OwnerWindows,
} from '../../../../../processes/dispatching/shares/owner-windows';
import type { Live, Tally } from '../../../../../processes/dispatching/shares/tally';
import { manualTimers, type ManualTimers } from '../../../../support/manual-timers';

const settings = { aloneJobs: 10, besideJobs: 4, maxJobs: 100, aloneMs: 400, besideMs: 80 };
const MUCH = 1_000;

let timers: ManualTimers;
let windows: OwnerWindows;
let counts: Map<string, Live>;
let isBlind: boolean;
let hurried: Set<string>;
let weights: Record<string, number>;

beforeEach(() => {
  timers = manualTimers(10_000);
  counts = new Map();
  isBlind = false;
  hurried = new Set();
  weights = {};
  const change = (key: string, by: number): void => {
    const { counted, begun } = counts.get(key) ?? { counted: 0, begun: 0 };
    counts.set(key, { counted, begun: begun + by });
  };
  const tally: Tally = {
    of: (key) => counts.get(key) ?? { counted: 0, begun: 0 },
    begin: (keys) => {
      for (const key of keys) change(key, 1);
      return {
        dispatched: () => undefined,
        giveBack: () => keys.forEach((key) => change(key, -1)),
      };
    },
    hurry: (key) => void hurried.add(key),
    knowsAll: () => true,
    isBlind: () => isBlind,
    run: () => Promise.resolve(),
  };
  windows = ownerWindows(tally, (ownerId) => weights[ownerId] ?? 1, timers, settings);
});

const dispatchAll = (ownerId: string, waiting: number, queue = 'default'): number => {
  let begun = 0;
  for (; begun < waiting && !windows.isFull(queue, ownerId, waiting - begun); begun++)
    windows.begin(queue, ownerId);
  return begun;
};

test('an owner alone in a queue has all of its window, and another queue has its own', () => {
  expect(dispatchAll('ada', MUCH)).toBe(10);
  expect(dispatchAll('cyd', MUCH, 'another')).toBe(10);
});

test('owners who have much to do share one window by their weights', () => {
  weights = { ada: 4 };
  windows.isFull('default', 'ada', MUCH);
  windows.isFull('default', 'bob', MUCH);
  expect(dispatchAll('ada', MUCH)).toBe(10);
  expect(dispatchAll('bob', MUCH)).toBe(2);
  counts.clear();
  expect(dispatchAll('bob', MUCH)).toBe(10);
  expect(dispatchAll('ada', MUCH)).toBe(8);
});

test('who has little to do is not held by what others have under way, and makes their window small', () => {
  dispatchAll('ada', MUCH);
  expect(dispatchAll('bob', 8)).toBe(8);
  counts.clear();
  expect(dispatchAll('bob', 1)).toBe(1);
  expect(dispatchAll('ada', MUCH)).toBe(3);
});

test('who has little to do has a bound too: his jobs may start slowly', () => {
  dispatchAll('ada', MUCH);
  expect(dispatchAll('bob', 100)).toBe(10);
});

test('a few jobs more than another has are not much', () => {
  expect(dispatchAll('ada', 40)).toBe(10);
  expect(dispatchAll('bob', 9)).toBe(5);
});

test('the window is large again when he who had little to do is gone', () => {
  dispatchAll('ada', MUCH);
  dispatchAll('bob', 1);
  counts.clear();
  expect(dispatchAll('ada', MUCH)).toBe(4);
  timers.advance(2_500);
  counts.clear();
  windows.counted(['default']);
  expect(dispatchAll('ada', MUCH)).toBe(10);
});

test('many owners with one job each may pass the window, by twice at most', () => {
  for (let n = 0; n < 50; n += 1) windows.isFull('default', `owner-${n}`, 1);
  let begun = 0;
  for (let n = 0; n < 50; n += 1) begun += dispatchAll(`owner-${n}`, 1);
  expect(begun).toBe(20);
});

test('what fills half of a window is counted soon, by the queue and the owner', () => {
  dispatchAll('ada', 4);
  expect(hurried).toEqual(new Set());
  dispatchAll('ada', 3);
  expect(hurried).toEqual(new Set(['default', 'default ada']));
});

test('a read model that stands still holds nobody back', () => {
  dispatchAll('ada', MUCH);
  isBlind = true;
  expect(windows.isFull('default', 'ada', MUCH)).toBe(false);
});

test('of several dispatchers each has its share of what is free', () => {
  windows.setShare(0.5);
  expect(dispatchAll('ada', MUCH)).toBe(5);
});

test('a key of the counts names a queue, or an owner in it, whose name may have blanks', () => {
  expect(flowOf('mail')).toEqual({ queue: 'mail' });
  expect(flowOf('mail ada lovelace')).toEqual({ queue: 'mail', ownerId: 'ada lovelace' });
});
