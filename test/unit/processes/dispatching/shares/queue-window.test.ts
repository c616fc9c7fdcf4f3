import {
  queueWindow,
  type QueueWindow,
} from '../../../../../processes/dispatching/shares/queue-window';

const settings = { aloneJobs: 100, besideJobs: 4, maxJobs: 1_000, aloneMs: 400, besideMs: 80 };
const COUNT_EVERY_MS = 20;

let window: QueueWindow;
let nowMs: number;
let passed: number;
let unstarted: number;

beforeEach(() => {
  nowMs = 1_000;
  passed = 0;
  unstarted = 0;
  window = queueWindow(settings, nowMs, 0);
});

/**
 * Fills the window all the time, in front of a way that takes `wayMs` and so many jobs a second.
 *
 * @param ofOthers  jobs a second of those whom no window holds
 */
const runFor = (ms: number, wayMs: number, perSecond: number, ofOthers = 0): void => {
  for (const endMs = nowMs + ms; nowMs < endMs; nowMs += COUNT_EVERY_MS) {
    const theirs = (ofOthers * COUNT_EVERY_MS) / 1_000;
    for (let n = 0; n < theirs; n += 1) window.begin();
    unstarted += theirs;
    for (; unstarted < window.jobs(); unstarted += 1) window.begin();
    window.full();
    const rate = Math.min(unstarted / wayMs, perSecond / 1_000);
    passed += rate * COUNT_EVERY_MS;
    const starts = Math.floor(passed);
    passed -= starts;
    unstarted -= starts;
    window.counted(unstarted, nowMs);
  }
};

test('with nobody beside, the window grows as long as what fills it starts in time', () => {
  runFor(5_000, 50, 10_000);
  expect(window.jobs()).toBeGreaterThan(200);
});

test('with nobody beside, it never has less room than it began with, however slow the starts', () => {
  runFor(5_000, 50, 10);
  expect(window.jobs()).toBe(100);
});

test('beside somebody who has little to do it begins with the least, and grows to what starts in time', () => {
  window.setContested(true);
  expect(window.jobs()).toBe(4);
  runFor(10_000, 20, 500);
  expect(window.jobs()).toBeGreaterThan(500 * 0.02);
  expect(window.jobs()).toBeLessThan(500 * 0.08 * 2);
});

test('beside somebody it shrinks when the way gets slower', () => {
  window.setContested(true);
  runFor(10_000, 20, 500);
  const before = window.jobs();
  runFor(3_000, 20, 100);
  expect(window.jobs()).toBeLessThan(before / 2);
});

test('a way that is long by itself, to executors far away, does not shut the window', () => {
  window.setContested(true);
  runFor(20_000, 300, 10_000);
  expect(window.jobs()).toBeGreaterThan(20);
});

test('what stood in the way when others came is not taken for a way that is long by itself', () => {
  const [perSecond, ofOthers] = [500, 400];
  window.setContested(true);
  for (; unstarted < 150; unstarted += 1) window.begin();
  window.counted(unstarted, (nowMs += COUNT_EVERY_MS));
  runFor(5_000, 20, perSecond, ofOthers);
  expect(unstarted).toBeLessThan(perSecond * 0.08 * 2);
});

test('no more than the most, whatever the way takes', () => {
  runFor(5_000, 1, 1_000_000);
  expect(window.jobs()).toBe(1_000);
});

test('of several dispatchers each sees a part of the starts', () => {
  window.setContested(true);
  window.setShare(0.5);
  // the half of the starts that are of jobs begun here, and all that is unstarted
  runFor(10_000, 20, 500);
  const alone = window.jobs();
  expect(alone).toBeGreaterThan(500 * 0.02);
});
