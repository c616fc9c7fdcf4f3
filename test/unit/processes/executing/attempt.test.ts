import type { Json } from '../../../../domain/job/definition';
import { runAttempt } from '../../../../processes/executing/attempt';
import type { Handler, RunnableJob } from '../../../../processes/executing/ports';
import { printHandler } from '../../../../processes/executing/handlers/print';
import { recentlySeen } from '../../../../processes/executing/recently-seen';
import { manualTimers } from '../../../support/manual-timers';
import { silentLogger } from '../../../support/processes';

const job: RunnableJob = {
  jobId: 'j1',
  attempt: 1,
  ownerId: 'ada',
  name: 'pay',
  location: 'print:',
  dueAt: '2026-11-23T12:00:00.000Z',
  timeoutMs: 60_000,
};
const run = (handler: Handler, changes: Partial<RunnableJob> = {}) => {
  const timers = manualTimers();
  const deps = { handlers: { print: handler }, timers, logger: silentLogger, abandonAfterMs: 5 };
  return { timers, ...runAttempt(deps, { ...job, ...changes }, 1_000) };
};
const deep = (levels: number): Json => {
  let value: Json = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
};
const untilAborted: Handler = (_job, signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped'));
    });
  });

test('what a handler throws is a failure that may be tried again', async () => {
  const { outcome } = run(() => Promise.reject(new Error('boom')));
  expect(await outcome).toEqual({
    status: 'failed',
    error: { code: 'handler-error', message: 'boom' },
    retryable: true,
  });
});

test.each(['s3://bucket/key', 'constructor:', '__proto__:x', 'no scheme at all', ''])(
  'a location that nothing here runs fails for good: %j',
  async (location) => {
    const { outcome } = run(() => Promise.resolve({ status: 'succeeded' }), { location });
    expect(await outcome).toMatchObject({ error: { code: 'no-handler' }, retryable: false });
  },
);

test('the time limit stops a handler and is reported as such', async () => {
  const { outcome, timers } = run(untilAborted);
  timers.advance(1_000);
  expect(await outcome).toMatchObject({ error: { code: 'timed-out' }, retryable: true });
});

test('a handler that does not stop is given up, so that its slot is free again', async () => {
  const { outcome, abort, timers } = run(() => new Promise(() => undefined));
  abort('abort-requested');
  timers.advance(5);
  expect(await outcome).toEqual({ status: 'aborted' });
});

test('a success that comes in spite of an abort is a success: the work is done', async () => {
  const { outcome, abort } = run(
    (_job, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve({ status: 'succeeded', result: 42 });
        });
      }),
  );
  abort('abort-requested');
  expect(await outcome).toEqual({ status: 'succeeded', result: 42 });
});

test('the first reason to stop is the one that is reported', async () => {
  const { outcome, abort } = run(untilAborted);
  abort('executor-stopping');
  abort('abort-requested');
  expect(await outcome).toMatchObject({ error: { code: 'executor-stopping' }, retryable: true });
});

test('a result that is too long to keep does not make the work undone', async () => {
  const { outcome } = run(() =>
    Promise.resolve({ status: 'succeeded', result: 'x'.repeat(70_000) }),
  );
  expect(await outcome).toEqual({
    status: 'succeeded',
    result: { omitted: 'result-too-long', sizeBytes: 70_002 },
  });
});

test.each([
  ['too deep to be written down', deep(10_000), 'too-deep'],
  ['deeper than the gateway takes', deep(33), 'too-deep'],
  ['with half a surrogate pair', { text: '\ud800' }, 'invalid-unicode'],
  ['with NUL', { text: 'a\0b' }, 'invalid-unicode'],
])('a result that the gateway would refuse is left out: %s', async (_, result, omitted) => {
  const { outcome } = run(() => Promise.resolve({ status: 'succeeded', result }));
  expect(await outcome).toEqual({ status: 'succeeded', result: { omitted } });
});

test('an error is cut so that the gateway takes it, also in the middle of a character', async () => {
  const { outcome } = run(() => Promise.reject(new Error(`${'x'.repeat(1_999)}😀\0`)));
  expect(await outcome).toMatchObject({ error: { message: `${'x'.repeat(1_999)}\ufffd` } });
});

describe('print:', () => {
  const printed: string[] = [];
  const print = printHandler((line) => printed.push(line));
  const { signal } = new AbortController();

  test('writes user and job id', async () => {
    await expect(print(job, signal)).resolves.toEqual({ status: 'succeeded' });
    expect(printed).toEqual(['ada j1\n']);
  });

  test.each`
    attempt | status
    ${1}    | ${'failed'}
    ${2}    | ${'failed'}
    ${3}    | ${'succeeded'}
  `(
    '{"failTimes": 2}: attempt $attempt $status',
    async (row: { attempt: number; status: string }) => {
      const outcome = await print(
        { ...job, attempt: row.attempt, payload: { failTimes: 2 } },
        signal,
      );
      expect(outcome.status).toBe(row.status);
    },
  );

  test('{"sleepMs": …} ends early when it is told to stop, and prints nothing', async () => {
    const controller = new AbortController();
    const before = printed.length;
    const outcome = print({ ...job, payload: { sleepMs: 3_600_000 } }, controller.signal);
    controller.abort();
    await expect(outcome).rejects.toThrow();
    expect(printed).toHaveLength(before);
  });

  test.each([null, 'text', [1], { failTimes: 'many' }, { failTimes: null }])(
    'a payload that says nothing to it is ignored: %j',
    async (payload) => {
      await expect(print({ ...job, payload }, signal)).resolves.toEqual({ status: 'succeeded' });
    },
  );
});

test('what ran recently is remembered, what ran long ago is not, so memory stays bounded', () => {
  const keys = recentlySeen(3);
  for (const key of ['a', 'b', 'c', 'd']) keys.add(key);
  expect(['a', 'b', 'c', 'd'].every(keys.has)).toBe(true);
  for (const key of ['e', 'f']) keys.add(key);
  expect(keys.has('a')).toBe(false);
  expect(keys.has('d')).toBe(true);
});
