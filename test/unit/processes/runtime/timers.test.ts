import { pause } from '../../../../processes/runtime/backoff';
import { printHandler } from '../../../../processes/executing/handlers/print';
import { systemTimers } from '../../../../processes/runtime/timers';

const DAY_MS = 86_400_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 365 * DAY_MS])(
  'a timer of %d ms fires then and not at once, although Node counts 31 bits',
  (delayMs) => {
    const run = jest.fn();
    systemTimers.after(delayMs, run);
    jest.advanceTimersByTime(delayMs - 1);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  },
);

test('a timer that is cancelled after its first 24 days stays silent', () => {
  const run = jest.fn();
  const cancel = systemTimers.after(60 * DAY_MS, run);
  jest.advanceTimersByTime(30 * DAY_MS);
  cancel();
  expect(jest.getTimerCount()).toBe(0);
});

test('a pause that nobody will see the end of leaves with its signal', async () => {
  const controller = new AbortController();
  const paused = pause(Number.MAX_SAFE_INTEGER, controller.signal);
  jest.advanceTimersByTime(60 * DAY_MS);
  controller.abort();
  await paused;
  expect(jest.getTimerCount()).toBe(0);
});

test('a print: job that sleeps for 2^31 ms is not done at once', async () => {
  const printed: string[] = [];
  const job = { jobId: 'j1', attempt: 1, ownerId: 'ada', name: 'x', location: 'print:' };
  const times = { dueAt: '2026-11-23T12:00:00.000Z', timeoutMs: 60_000 };
  const payload = { sleepMs: 2 ** 31 };
  const print = printHandler((line) => printed.push(line));
  const outcome = print({ ...job, ...times, payload }, new AbortController().signal);
  await jest.advanceTimersByTimeAsync(2 ** 31 - 1);
  expect(printed).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(await outcome).toEqual({ status: 'succeeded' });
});
