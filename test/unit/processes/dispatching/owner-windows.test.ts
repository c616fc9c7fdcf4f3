import { liveCounts, type LiveCounts } from '../../../../processes/dispatching/live-counts';
import { ownerWindows, type OwnerWindows } from '../../../../processes/dispatching/owner-windows';
import { manualTimers, type ManualTimers } from '../../../support/manual-timers';
import { silentLog } from '../../../support/processes';
import { until } from '../../../support/until';
import type { LiveJobs } from '../../../../projections/queries/live-jobs';

let timers: ManualTimers;
let counts: LiveCounts;
let windows: OwnerWindows;
let readModel: LiveJobs;
let counted: number;
let stop: () => Promise<void>;

beforeEach(() => {
  timers = manualTimers(10_000);
  readModel = { position: -1n, jobs: [] };
  counted = 0;
  counts = liveCounts({
    countLive: () => Promise.resolve(readModel),
    countsRunning: () => false,
    timers,
    log: silentLog,
    onCount: () => {
      counted += 1;
    },
  });
  windows = ownerWindows(counts, timers, { alone: 10, amongOthers: 4 });
  const controller = new AbortController();
  const ended = counts.run(controller.signal);
  stop = async () => {
    controller.abort();
    await ended;
  };
});
afterEach(() => stop());

let position = 0n;
const dispatchAll = (ownerId: string, queue = 'default'): number => {
  let begun = 0;
  for (; !windows.isFull(queue, ownerId) && begun < 100; begun++) {
    windows.begin(queue, ownerId);
    counts.begin(queue, ownerId).dispatched(++position);
  }
  return begun;
};
const nextCount = async (): Promise<void> => {
  const before = counted;
  await until(() => counted > before + 1); // one that was under way may know nothing of it yet
};

test('an owner alone in a queue has the large window, among others the small one', () => {
  expect(dispatchAll('ada')).toBe(10);
  expect(dispatchAll('bob')).toBe(4);
  expect(dispatchAll('cyd', 'another')).toBe(10);
});

test('who has had no job in the queue for two seconds is none of its owners any more', () => {
  dispatchAll('bob');
  timers.advance(1_000);
  windows.begin('default', 'ada');
  expect(dispatchAll('ada')).toBe(4);
  timers.advance(1_500);
  expect(dispatchAll('ada')).toBe(6);
});

test('what the read model has seen to start makes room, and what it has not seen yet counts', async () => {
  dispatchAll('ada');
  expect(windows.isFull('default', 'ada')).toBe(true);
  readModel = { position, jobs: [{ queue: 'default', ownerId: 'ada', queued: 7, running: 0 }] };
  await nextCount();
  expect(dispatchAll('ada')).toBe(3);
});

test('a dispatch that came to nothing gives its place back', () => {
  dispatchAll('ada');
  const other = counts.begin('default', 'ada');
  other.giveBack();
  other.giveBack();
  expect(counts.unstarted('default', 'ada')).toEqual({ counted: 0, begun: 10 });
});

test('a read model that stands still holds nobody back', async () => {
  dispatchAll('ada');
  timers.advance(2_500);
  await until(() => counts.isBlind());
  expect(windows.isFull('default', 'ada')).toBe(false);
  readModel = { position, jobs: [] };
  await until(() => !counts.isBlind());
});

test('of several dispatchers each has its share of what is free', () => {
  windows.setShare(0.5);
  expect(dispatchAll('ada')).toBe(5);
});
