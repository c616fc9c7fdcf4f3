import { JobHistoryGone } from '../../../commands/job-stream';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  StreamContended,
  StreamGone,
  type EventLog,
} from '../../../domain/event-log';
import { uuids } from '../../../infra/ids';
import {
  accepted,
  as,
  commandBench,
  dispatchedClaim,
  scheduledJob,
  type CommandBench,
} from '../../support/command-bench';
import { definition, t } from '../../support/jobs';

const UNKNOWN = '019ab000-0000-7000-8000-0000000000ff';
const { timeoutMs } = definition;
const error = { code: 'message-too-large', message: 'too large' };

/** A job of ada's that may be five seconds late; due at `t(50)`. */
const lazyJob = async ({ commands }: CommandBench): Promise<string> => {
  const { ownerId: _, ...request } = definition;
  const made = await commands.schedule(
    { definition: { ...request, maxLatenessMs: 5_000 }, dueAt: t(50) },
    as('ada'),
  );
  return accepted(made).jobId;
};
const runningJob = async (bench: CommandBench): Promise<{ jobId: string; token: string }> => {
  const jobId = await scheduledJob(bench);
  const granted = await bench.attempts.claim(await dispatchedClaim(bench, jobId));
  if (!granted.granted) throw new Error(granted.code);
  return { jobId, token: granted.token };
};
const lastType = async ({ types }: CommandBench, jobId: string): Promise<string | undefined> =>
  (await types(jobId)).at(-1);

describe('what got lost', () => {
  test('a grant that its executor never learned of is given up, and only that very grant', async () => {
    const bench = commandBench();
    const { jobId } = await runningJob(bench);
    expect(await bench.attempts.loseGrant(jobId, 1, 'x1', t(49))).toBe('stale');
    expect(await bench.attempts.loseGrant(jobId, 1, 'x1', t(50))).toBe('done');
    expect(await bench.attempts.loseGrant(jobId, 1, 'x1', t(50))).toBe('stale');
    expect(await lastType(bench, jobId)).toBe('JobAttemptFailed');
  });

  test('a message that nobody can get ends its job, once', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    expect(await bench.attempts.failDelivery(jobId, 1, error)).toBe('stale'); // not sent yet
    await dispatchedClaim(bench, jobId);
    expect(await bench.attempts.failDelivery(jobId, 1, error)).toBe('done');
    expect(await bench.attempts.failDelivery(jobId, 1, error)).toBe('stale');
    expect(await lastType(bench, jobId)).toBe('JobFailed');
    expect((await bench.events(jobId))[2]).toMatchObject({ data: { error } });
  });

  test('a job expires when it is too late and not before, and nothing was done then', async () => {
    const bench = commandBench();
    const jobId = await lazyJob(bench);
    bench.setNow(t(55));
    expect(await bench.attempts.expire(jobId)).toBe('stale');
    bench.setNow(t(56));
    expect(await bench.attempts.expire(jobId)).toBe('done');
    expect(await lastType(bench, jobId)).toBe('JobExpired');
  });

  test('the stream tells how a job is when the read model does not follow; there may be none', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    expect(await bench.attempts.look(jobId)).toMatchObject({ status: 'scheduled', dueAt: t(50) });
    expect(await bench.attempts.look(UNKNOWN)).toBeUndefined();
  });
});

describe('an executor may go on with its attempt', () => {
  test('while it runs and is its own', async () => {
    const bench = commandBench();
    const { jobId } = await runningJob(bench);
    expect(await bench.attempts.holds(jobId, 1, 'x1')).toBe(true);
    expect(await bench.attempts.holds(jobId, 1, 'x2')).toBe(false);
    expect(await bench.attempts.holds(jobId, 2, 'x1')).toBe(false);
  });

  test('while it may still be granted', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    expect(await bench.attempts.holds(jobId, 1, 'x1')).toBe(true);
    await dispatchedClaim(bench, jobId);
    expect(await bench.attempts.holds(jobId, 1, 'x1')).toBe(true);
    expect(await bench.attempts.holds(jobId, 2, 'x1')).toBe(false);
  });

  test('and not once it is over, or of a job that is not there', async () => {
    const bench = commandBench();
    const { jobId, token } = await runningJob(bench);
    await bench.attempts.report({ jobId, attempt: 1, token, outcome: { status: 'succeeded' } });
    expect(await bench.attempts.holds(jobId, 1, 'x1')).toBe(false);
    expect(await bench.attempts.holds(UNKNOWN, 1, 'x1')).toBe(false);
  });
});

describe('sending again', () => {
  const row = (jobId: string, more: object = {}) => ({
    ...{ jobId, attempt: 1, delivery: 1, revision: 1n, dueAt: t(50), timeoutMs },
    ...more,
  });

  test('below the limit is decided by the row alone', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    await dispatchedClaim(bench, jobId);
    const reads = bench.reads();
    expect(await bench.attempts.redispatch(row(jobId), 2)).toMatchObject({
      outcome: 'redispatched',
      revision: 2n,
    });
    expect(bench.reads()).toBe(reads);
  });

  test('at the limit is given up instead, and the policy decides on another attempt', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    await dispatchedClaim(bench, jobId);
    expect(await bench.attempts.redispatch(row(jobId), 1)).toEqual({ outcome: 'failed' });
    expect(await lastType(bench, jobId)).toBe('JobAttemptFailed');
    expect(await bench.attempts.redispatch(row(jobId), 1)).toEqual({ outcome: 'stale' });
  });

  test.each([1, 2])(
    'too late for the job lets it expire, whether the limit of %d is reached or not',
    async (maxDeliveries) => {
      const bench = commandBench();
      const jobId = await lazyJob(bench);
      bench.setNow(t(50));
      const due = { jobId, dueAt: t(50), attempt: 1, revision: 0n, timeoutMs };
      await bench.attempts.dispatch({ ...due, maxLatenessMs: 5_000 });
      bench.setNow(t(56));
      const sent = row(jobId, { maxLatenessMs: 5_000 });
      expect(await bench.attempts.redispatch(sent, maxDeliveries)).toEqual({ outcome: 'expired' });
      expect(await lastType(bench, jobId)).toBe('JobExpired');
    },
  );

  test('gives a ticket that holds for the new message and not for the lost one', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    await dispatchedClaim(bench, jobId);
    const sent = await bench.attempts.redispatch(row(jobId));
    if (sent.outcome !== 'redispatched') throw new Error(sent.outcome);
    const reads = bench.reads();
    const claim = { jobId, attempt: 1, executorId: 'x1', ...sent };
    expect(await bench.attempts.claim(claim)).toMatchObject({ granted: true });
    expect(bench.reads()).toBe(reads);
  });
});

describe('a job whose stream an administrator has deleted', () => {
  const gone = (log: EventLog): EventLog => ({
    ...log,
    read: () => Promise.reject(new StreamGone('deleted')),
    append: (stream, events, expected) =>
      expected === 'no-stream'
        ? log.append(stream, events, expected)
        : Promise.reject(new StreamGone('deleted')),
  });

  test('is none for executors, and is not dispatched again', async () => {
    const bench = commandBench(gone);
    const jobId = await scheduledJob(bench);
    bench.setNow(t(50));
    const due = { jobId, dueAt: t(50), attempt: 1, revision: 0n, timeoutMs };
    expect(await bench.attempts.dispatch(due)).toEqual({ outcome: 'gone' });
    const claim = { jobId, attempt: 1, revision: 1n, executorId: 'x1' };
    expect(await bench.attempts.claim(claim)).toEqual({ granted: false, code: 'job-not-found' });
    const report = { jobId, attempt: 1, token: '2', outcome: { status: 'aborted' } } as const;
    expect(await bench.attempts.report(report)).toEqual({ accepted: false, code: 'job-not-found' });
  });

  test('is told by what is left of it', async () => {
    const bench = commandBench(gone);
    const whole = commandBench();
    const jobId = await scheduledJob(whole);
    await expect(bench.attempts.look(jobId)).rejects.toThrow(
      `job ${jobId} cannot be read: its history is gone: its stream was deleted`,
    );
    const late = new JobHistoryGone(jobId, 4n);
    expect(late.message).toContain('it begins at revision 4');
    expect([late.firstRevision, new JobHistoryGone(jobId).firstRevision]).toEqual([4n, undefined]);
    expect(late.cause).toBeInstanceOf(Error);
  });
});

test('of a job that never was nobody runs anything', async () => {
  const bench = commandBench();
  const claim = { jobId: UNKNOWN, attempt: 1, revision: 1n, executorId: 'x1' };
  expect(await bench.attempts.claim(claim)).toEqual({ granted: false, code: 'job-not-found' });
  expect(await bench.attempts.loseExecutor(UNKNOWN, 1, 'x1')).toBe('stale');
  expect(await bench.attempts.expire(UNKNOWN)).toBe('stale');
});

test('an answer that got lost is no answer: what the log throws comes through', async () => {
  let isCut = false;
  const bench = commandBench((log) => ({
    ...log,
    append: (...args) =>
      isCut ? Promise.reject(new AppendOutcomeUnknown('cut')) : log.append(...args),
  }));
  const { jobId, token } = await runningJob(bench);
  isCut = true;
  const report = { jobId, attempt: 1, token, outcome: { status: 'succeeded' } } as const;
  await expect(bench.attempts.report(report)).rejects.toThrow(AppendOutcomeUnknown);
  await expect(bench.attempts.loseExecutor(jobId, 1, 'x1')).rejects.toThrow(AppendOutcomeUnknown);
});

test.each<[why: string, outcome: object, because: 'too-large' | 'access-denied']>([
  ['a right is missing', { status: 'succeeded', result: 'x' }, 'access-denied'],
  ['there is no result to leave out', { status: 'succeeded' }, 'too-large'],
  ['it did not succeed', { status: 'aborted' }, 'too-large'],
])('a report that the log refuses is refused, when %s', async (_why, outcome, because) => {
  let isFull = false;
  let refused = 0;
  const refuse = (): Promise<never> => {
    refused += 1;
    return Promise.reject(new EventLogRefused('no', because));
  };
  const bench = commandBench((log) => ({
    ...log,
    append: (...args) => (isFull ? refuse() : log.append(...args)),
  }));
  const { jobId, token } = await runningJob(bench);
  isFull = true;
  const report = { jobId, attempt: 1, token, outcome: outcome as { status: 'aborted' } };
  await expect(bench.attempts.report(report)).rejects.toThrow(EventLogRefused);
  expect(refused).toBe(1); // a second try would be of no use
});

test('a stream with too many writers is told as that, and nothing was recorded', async () => {
  const bench = commandBench((log) => ({
    ...log,
    append: (stream, events, expected) =>
      events[0]?.type === 'JobAttemptFailed'
        ? Promise.resolve({ outcome: 'conflict' })
        : log.append(stream, events, expected),
  }));
  const { jobId } = await runningJob(bench);
  await expect(bench.attempts.loseExecutor(jobId, 1, 'x1')).rejects.toThrow(StreamContended);
  expect(await lastType(bench, jobId)).toBe('JobStarted');
});

test('what a process does has an id made of what it does, so that another one that does it too adds nothing', async () => {
  const bench = commandBench();
  const { jobId, token } = await runningJob(bench);
  await bench.attempts.report({ jobId, attempt: 1, token, outcome: { status: 'succeeded' } });
  const lost = await runningJob(bench);
  await bench.attempts.loseExecutor(lost.jobId, 1, 'x1');
  const late = await runningJob(bench);
  await bench.attempts.timeOut(late.jobId, 1, timeoutMs);
  const ungranted = await runningJob(bench);
  await bench.attempts.loseGrant(ungranted.jobId, 1, 'x1', t(50));
  bench.setNow(t(0));
  const unsent = await scheduledJob(bench);
  await dispatchedClaim(bench, unsent);
  await bench.attempts.failDelivery(unsent, 1, error);
  bench.setNow(t(0));
  const lazy = await lazyJob(bench);
  bench.setNow(t(60));
  await bench.attempts.expire(lazy);
  const commandIdOf = async (job: string, revision: number): Promise<unknown> =>
    ((await bench.events(job))[revision]?.metadata as { commandId: string }).commandId;
  const ids = {
    dispatch: [await commandIdOf(jobId, 1), uuids.derive(jobId, 'JobDispatched', '0')],
    report: [await commandIdOf(jobId, 3), uuids.derive(jobId, 'report', '1', '2', 'succeeded')],
    lose: [await commandIdOf(lost.jobId, 3), uuids.derive(lost.jobId, 'lose', '1', 'x1', '2')],
    timeOut: [await commandIdOf(late.jobId, 3), uuids.derive(late.jobId, 'time-out', '1', '2')],
    loseGrant: [
      await commandIdOf(ungranted.jobId, 3),
      uuids.derive(ungranted.jobId, 'lose-grant', '1', 'x1', '2'),
    ],
    failDelivery: [await commandIdOf(unsent, 2), uuids.derive(unsent, 'fail-delivery', '1', '1')],
    expire: [await commandIdOf(lazy, 1), uuids.derive(lazy, 'expire', '0')],
  };
  for (const [id, derived] of Object.values(ids)) expect(id).toBe(derived);
});
