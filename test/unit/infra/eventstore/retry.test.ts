import type { Failure } from '../../../../infra/eventstore/failures';
import type { NoAnswer } from '../../../../infra/eventstore/retry';
import { retried } from '../../../../infra/eventstore/retry';

const failWith = (failure: Failure) => Object.assign(new Error(failure), { failure });

const options = {
  deadlineMs: 5_000,
  tryMs: 1_500,
  draw: () => 0.5,
  failureOf: (error: unknown) => (error as ReturnType<typeof failWith>).failure, // all errors here are ours
};

type Call = { readonly answer: (value: string) => void; readonly fail: (error: Error) => void };

class Outage extends Error {
  readonly told: NoAnswer;
  constructor(told: NoAnswer) {
    super();
    this.told = told;
  }
}

const start = (isSent = true, isServing?: (sinceMs: number) => boolean) => {
  const tries: Call[] = [];
  const released: number[] = [];
  const outcome = retried<string>(
    ({ release, sent }) => {
      const number = tries.length;
      if (isSent) sent();
      release(() => released.push(number));
      return new Promise((answer, fail) => tries.push({ answer, fail }));
    },
    (told) => new Outage(told),
    { ...options, ...(isServing && { isServing }) },
  ).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  return { tries, released, outcome };
};

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('an answered call is sent once and leaves no timer', async () => {
  const { tries, outcome } = start();
  tries[0]?.answer('yes');
  expect(await outcome).toEqual({ answer: 'yes' });
  expect(jest.getTimerCount()).toBe(0);
});

test('a try that fails is followed by another, after a wait that grows, so that a restart is not stormed', async () => {
  const { tries, outcome } = start();
  for (const [number, waitMs] of [15, 30, 60, 120, 240, 375, 375].entries()) {
    tries[number]?.fail(failWith('unknown'));
    await pass(waitMs - 1);
    expect(tries).toHaveLength(number + 1);
    await pass(1);
    expect(tries).toHaveLength(number + 2);
  }
  tries.at(-1)?.answer('yes');
  expect(await outcome).toEqual({ answer: 'yes' });
});

test('silence is followed by another try at once: the reply may be lost', async () => {
  const { tries, outcome } = start();
  await pass(1_500);
  expect(tries).toHaveLength(2);
  tries[1]?.answer('second');
  expect(await outcome).toEqual({ answer: 'second' });
});

test('while the server answers others, silence means a queue: sent again each time, slow calls would be four times the load', async () => {
  const { tries, outcome } = start(true, (sinceMs) => performance.now() > sinceMs);
  await pass(4_499);
  expect(tries).toHaveLength(1);
  await pass(1);
  expect(tries).toHaveLength(2);
  tries[0]?.answer('late');
  expect(await outcome).toEqual({ answer: 'late' });
});

test('the late answer of an earlier try counts, so that a slow server is not asked for ever', async () => {
  const { tries, outcome } = start();
  await pass(1_600);
  tries[0]?.answer('late');
  expect(await outcome).toEqual({ answer: 'late' });
  tries[1]?.fail(failWith('refused')); // comes too late to count, and must not be unhandled
});

test('the failure of an earlier try does not start another beside the one under way', async () => {
  const { tries } = start();
  await pass(1_600);
  tries[0]?.fail(failWith('unknown'));
  await pass(1_000);
  expect(tries).toHaveLength(2);
});

test('a refusal ends the call at once: it will not change', async () => {
  const { tries, outcome } = start();
  const refusal = failWith('refused');
  tries[0]?.fail(refusal);
  expect(await outcome).toEqual({ error: refusal });
});

test('a refusal does not undo what an earlier try may have done', async () => {
  const { tries, outcome } = start();
  tries[0]?.fail(failWith('unknown'));
  await pass(1_000);
  tries[1]?.fail(failWith('refused'));
  expect(await outcome).toMatchObject({ error: { told: { mayBeDone: true } } });
});

test.each`
  failures                    | mayBeDone | why
  ${['not-sent', 'not-sent']} | ${false}  | ${'nothing reached a server'}
  ${['not-sent', 'unknown']}  | ${true}   | ${'one try may have been recorded'}
  ${['unknown', 'not-sent']}  | ${true}   | ${'an early try may have been recorded'}
  ${[]}                       | ${true}   | ${'silence says nothing'}
`(
  'after $failures the deadline tells mayBeDone=$mayBeDone: $why',
  async ({ failures, mayBeDone }: { failures: Failure[]; mayBeDone: boolean }) => {
    const { tries, outcome } = start();
    for (const [number, failure] of failures.entries()) {
      await pass(500);
      tries[number]?.fail(failWith(failure));
    }
    const last = failures.at(-1);
    while (last && jest.getTimerCount() > 0) {
      await pass(100);
      tries.at(-1)?.fail(failWith(failures[0] === 'unknown' ? 'not-sent' : last));
    }
    await pass(5_000);
    expect(await outcome).toMatchObject({ error: { told: { mayBeDone } } });
  },
);

test('a try that is still under way at the deadline may have been done, also when those before were not sent', async () => {
  const { tries, outcome } = start();
  while (tries.length < 8) {
    tries.at(-1)?.fail(failWith('not-sent'));
    await pass(500);
  }
  await pass(5_000);
  expect(await outcome).toMatchObject({ error: { told: { mayBeDone: true } } });
});

test('tries that wait for a connection all the time have done nothing', async () => {
  const { outcome } = start(false);
  await pass(5_000);
  expect(await outcome).toMatchObject({ error: { told: { mayBeDone: false } } });
});

test('no call outlives its deadline, and the last try gets what is left of it', async () => {
  const { tries, outcome } = start();
  await pass(4_999);
  expect(tries).toHaveLength(4);
  await pass(1);
  expect(await outcome).toMatchObject({ error: { told: { waitedMs: 5_000 } } });
  expect(jest.getTimerCount()).toBe(0);
});

test('what the tries hold is released when the call is settled', async () => {
  const { tries, released, outcome } = start();
  await pass(1_500);
  tries[0]?.answer('yes');
  await outcome;
  expect(released).toEqual([0, 1]);
});

test('a try that could be sent only after the call was given up is not sent: the caller was told that nothing was done', async () => {
  let connect = (): void => undefined;
  const connected = new Promise<void>((resolve) => (connect = resolve));
  let sends = 0;
  const outcome = retried(
    async ({ sent }) => {
      await connected;
      sent();
      sends += 1;
    },
    (told) => new Outage(told),
    options,
  ).catch((error: unknown) => error);
  await pass(5_000);
  expect(await outcome).toMatchObject({ told: { mayBeDone: false } });
  connect();
  await pass(0);
  expect(sends).toBe(0);
});
