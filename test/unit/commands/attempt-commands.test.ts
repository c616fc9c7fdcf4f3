import { EventLogRefused } from '../../../domain/event-log';
import {
  accepted,
  as,
  commandBench,
  dispatchedClaim,
  scheduledJob,
} from '../../support/command-bench';
import { definition, t } from '../../support/jobs';

const success = { status: 'succeeded', result: { paid: true } } as const;

test('dispatch, claim and success of a job read no stream: the row, the ticket and the token carry all', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const claim = await dispatchedClaim(bench, jobId);
  const granted = await bench.attempts.claim(claim);
  expect(granted).toMatchObject({ granted: true, deadlineAt: t(110), leftMs: 60_000 });
  const token = granted.granted ? granted.token : '';
  const report = { jobId, attempt: 1, token, outcome: success };
  expect(await bench.attempts.report(report)).toEqual({ accepted: true });
  expect(bench.reads()).toBe(0);
  expect(await bench.types(jobId)).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobStarted',
    'JobSucceeded',
  ]);
  expect((await bench.events(jobId))[3]).toMatchObject({
    metadata: { actor: { kind: 'executor', id: 'x1' } },
  });
});

describe('a dispatch', () => {
  test('of a row that is older than the stream is refused by the log and does nothing', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    accepted(await bench.commands.reschedule(jobId, t(75), undefined, as('ada')));
    bench.setNow(t(50));
    const due = { jobId, dueAt: t(50), attempt: 1, revision: 0n, timeoutMs: 60_000 };
    expect(await bench.attempts.dispatch(due)).toEqual({ outcome: 'stale' });
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobRescheduled']);
  });

  test('before the due time is refused without asking the log', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    bench.setNow(t(49.999));
    const due = { jobId, dueAt: t(50), attempt: 1, revision: 0n, timeoutMs: 60_000 };
    expect(await bench.attempts.dispatch(due)).toEqual({ outcome: 'too-early', dueAt: t(50) });
  });

  test('later than the job may be lets it expire instead', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    bench.setNow(t(60));
    const due = {
      jobId,
      dueAt: t(50),
      attempt: 1,
      revision: 0n,
      timeoutMs: 60_000,
      maxLatenessMs: 5_000,
    };
    expect(await bench.attempts.dispatch(due)).toEqual({ outcome: 'expired' });
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobExpired']);
  });

  test('asked twice is one event and the same revision, so its message can be published again', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const first = await dispatchedClaim(bench, jobId);
    const second = await dispatchedClaim(bench, jobId);
    expect(second).toEqual(first);
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched']);
  });
});

describe('a claim', () => {
  test('with a ticket made for another message, another job or by nobody proves nothing: the stream decides', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const claim = await dispatchedClaim(bench, jobId);
    accepted(await bench.commands.cancel(jobId, undefined, as('ada')));
    // the revision of the cancellation: a blind append there would start a cancelled job
    const forged = { ...claim, revision: 2n };
    expect(await bench.attempts.claim(forged)).toEqual({ granted: false, code: 'job-cancelled' });
    expect(await bench.attempts.claim(claim)).toEqual({ granted: false, code: 'job-cancelled' });
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobCancelled']);
  });

  test('without a ticket works as well', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const { ticket: _, ...claim } = await dispatchedClaim(bench, jobId);
    expect(await bench.attempts.claim(claim)).toMatchObject({ granted: true, deadlineAt: t(110) });
  });

  test('whose answer got lost is granted again with the same token; another executor’s is not', async () => {
    const bench = commandBench();
    const claim = await dispatchedClaim(bench, await scheduledJob(bench));
    const first = await bench.attempts.claim(claim);
    const { ticket: _, ...bare } = claim;
    expect(await bench.attempts.claim(claim)).toEqual(first);
    expect(await bench.attempts.claim(bare)).toEqual(first);
    expect(await bench.attempts.claim({ ...claim, executorId: 'x2' })).toEqual({
      granted: false,
      code: 'job-running',
    });
  });

  test('repeated after an abort was asked for is granted with the token of its start, or its report would be nobody’s', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const { ticket: _, ...bare } = await dispatchedClaim(bench, jobId);
    const first = await bench.attempts.claim(bare);
    accepted(await bench.commands.abort(jobId, undefined, as('ada')));
    expect(await bench.attempts.claim(bare)).toEqual(first);
  });

  test('repeated after its attempt has ended is refused, ticket or not: a late copy of the message runs nothing', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const claim = await dispatchedClaim(bench, jobId);
    const granted = await bench.attempts.claim(claim);
    const token = granted.granted ? granted.token : '';
    await bench.attempts.report({ jobId, attempt: 1, token, outcome: success });
    expect(await bench.attempts.claim(claim)).toEqual({ granted: false, code: 'job-finished' });
  });

  test('too late for the job is refused and lets the job expire', async () => {
    const bench = commandBench();
    const { ownerId: _, ...request } = { ...definition, maxLatenessMs: 5_000 };
    const { jobId } = accepted(
      await bench.commands.schedule({ definition: request, dueAt: t(50) }, as('ada')),
    );
    bench.setNow(t(51));
    const due = {
      jobId,
      dueAt: t(50),
      attempt: 1,
      revision: 0n,
      timeoutMs: 60_000,
      maxLatenessMs: 5_000,
    };
    const dispatched = await bench.attempts.dispatch(due);
    const ticket = dispatched.outcome === 'dispatched' ? dispatched.ticket : '';
    bench.setNow(t(56));
    const claim = { jobId, attempt: 1, revision: 1n, executorId: 'x1', ticket };
    expect(await bench.attempts.claim(claim)).toEqual({ granted: false, code: 'job-expired' });
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobExpired']);
  });

  test('by read of an attempt that runs has the time that is left of it, and never less than none', async () => {
    const bench = commandBench();
    const claim = await dispatchedClaim(bench, await scheduledJob(bench));
    await bench.attempts.claim(claim);
    bench.setNow(t(70));
    expect(await bench.attempts.claim(claim)).toMatchObject({
      granted: true,
      deadlineAt: t(110),
      leftMs: 40_000,
    });
    bench.setNow(t(200));
    expect(await bench.attempts.claim(claim)).toMatchObject({ deadlineAt: t(110), leftMs: 0 });
  });

  test('by read is granted with a token that the report needs no read for', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const { ticket: _, ...bare } = await dispatchedClaim(bench, jobId);
    const granted = await bench.attempts.claim(bare);
    const reads = bench.reads();
    const token = granted.granted ? granted.token : '';
    const report = { jobId, attempt: 1, token, outcome: success };
    expect(await bench.attempts.report(report)).toEqual({ accepted: true });
    expect(bench.reads()).toBe(reads);
  });

  test('that is refused for the ticket alone reads nothing: there may be many, and early', async () => {
    const bench = commandBench();
    const claim = await dispatchedClaim(bench, await scheduledJob(bench));
    bench.setNow(t(49));
    await bench.attempts.claim(claim);
    expect(bench.reads()).toBe(0);
  });

  test('by read before the due time is refused without another word in the log', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const { ticket: _, ...bare } = await dispatchedClaim(bench, jobId);
    bench.setNow(t(49.999));
    expect(await bench.attempts.claim(bare)).toMatchObject({ code: 'too-early' });
    const reads = bench.reads();
    expect(await bench.attempts.claim({ ...bare, revision: 0n })).toEqual({
      granted: false,
      code: 'dispatch-superseded',
    });
    expect(bench.reads() - reads).toBe(1);
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched']);
  });

  test('before the due time is refused with the time to wait', async () => {
    const bench = commandBench();
    const claim = await dispatchedClaim(bench, await scheduledJob(bench));
    bench.setNow(t(49));
    expect(await bench.attempts.claim(claim)).toEqual({
      granted: false,
      code: 'too-early',
      retryAfterMs: 1_000,
    });
  });
});

describe('a report', () => {
  const running = async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const granted = await bench.attempts.claim(await dispatchedClaim(bench, jobId));
    if (!granted.granted) throw new Error(granted.code);
    return { bench, jobId, token: granted.token };
  };

  test('sent twice is accepted twice and recorded once', async () => {
    const { bench, jobId, token } = await running();
    const failure = {
      jobId,
      attempt: 1,
      token,
      outcome: { status: 'failed', error: { code: 'boom', message: 'it broke' } },
    } as const;
    expect(await bench.attempts.report(failure)).toEqual({ accepted: true });
    expect(await bench.attempts.report(failure)).toEqual({ accepted: true });
    expect((await bench.types(jobId)).slice(3)).toEqual(['JobAttemptFailed']);
  });

  test('whose result the store will never take ends its attempt without it, for the work is done', async () => {
    const takes = 2_000;
    const bench = commandBench((log) => ({
      ...log,
      append: (stream, events, expected) =>
        JSON.stringify(events).length > takes
          ? Promise.reject(new EventLogRefused('too large', 'too-large'))
          : log.append(stream, events, expected),
    }));
    const jobId = await scheduledJob(bench);
    const granted = await bench.attempts.claim(await dispatchedClaim(bench, jobId));
    const token = granted.granted ? granted.token : '';
    const outcome = { status: 'succeeded', result: 'x'.repeat(3_000) } as const;
    const report = { jobId, attempt: 1, token, outcome };
    expect(await bench.attempts.report(report)).toEqual({ accepted: true });
    expect(await bench.attempts.report(report)).toEqual({ accepted: true });
    expect((await bench.events(jobId)).slice(3)).toEqual([
      expect.objectContaining({
        type: 'JobSucceeded',
        data: { attempt: 1, result: { omitted: 'result-too-long', sizeBytes: 3_002 } },
      }),
    ]);
  });

  test('with a token of another revision is refused, sealed or not', async () => {
    const { bench, jobId, token } = await running();
    const other = token.replace(/^\d+/, '0');
    for (const wrong of [other, '0', '1', 'garbage'])
      expect(
        await bench.attempts.report({ jobId, attempt: 1, token: wrong, outcome: success }),
      ).toEqual({ accepted: false, code: 'attempt-superseded' });
    expect(await bench.types(jobId)).toHaveLength(3);
  });

  test('with the bare revision as its token is read and decided', async () => {
    const { bench, jobId } = await running();
    expect(
      await bench.attempts.report({ jobId, attempt: 1, token: '2', outcome: success }),
    ).toEqual({
      accepted: true,
    });
    expect((await bench.types(jobId)).slice(3)).toEqual(['JobSucceeded']);
  });

  test('of success with a revision that was guessed ends no job that never started: it is read and refused', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const queued = await dispatchedClaim(bench, jobId);
    const report = { jobId, attempt: 1, token: String(queued.revision), outcome: success };
    expect(await bench.attempts.report(report)).toEqual({
      accepted: false,
      code: 'attempt-superseded',
    });
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched']);
  });

  test('of success still counts after an abort request moved the stream on: the token fences the attempt, not the revision', async () => {
    const { bench, jobId, token } = await running();
    accepted(await bench.commands.abort(jobId, undefined, as('ada')));
    expect(await bench.attempts.report({ jobId, attempt: 1, token, outcome: success })).toEqual({
      accepted: true,
    });
    expect((await bench.types(jobId)).slice(3)).toEqual(['JobAbortRequested', 'JobSucceeded']);
  });

  test('of a zombie is refused after its executor was given up', async () => {
    const { bench, jobId, token } = await running();
    expect(await bench.attempts.loseExecutor(jobId, 1, 'x1')).toBe('done');
    expect(await bench.attempts.loseExecutor(jobId, 1, 'x1')).toBe('stale');
    expect(await bench.attempts.report({ jobId, attempt: 1, token, outcome: success })).toEqual({
      accepted: false,
      code: 'attempt-superseded',
    });
  });
});

test('a lost message is sent again once, however many rescuers see it', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const old = await dispatchedClaim(bench, jobId);
  const { timeoutMs } = definition;
  const row = { jobId, attempt: 1, delivery: 1, revision: 1n, dueAt: t(50), timeoutMs };
  const reads = bench.reads();
  const answers = await Promise.all([
    bench.attempts.redispatch(row),
    bench.attempts.redispatch(row),
  ]);
  expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['redispatched', 'stale']);
  const first = answers.find(({ outcome }) => outcome === 'redispatched') ?? answers[0];
  expect(await bench.attempts.redispatch(row)).toEqual({ outcome: 'stale' });
  expect(bench.reads()).toBe(reads); // a broker may lose a hundred thousand at once
  expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobRedispatched']);
  expect(await bench.attempts.claim(old)).toEqual({ granted: false, code: 'dispatch-superseded' });
  const sent = first;
  if (sent.outcome !== 'redispatched') throw new Error('nobody sent it');
  const claim = {
    jobId,
    attempt: 1,
    revision: sent.revision,
    executorId: 'x1',
    ticket: sent.ticket,
  };
  expect(await bench.attempts.claim(claim)).toMatchObject({ granted: true });
});

test('a time-out happens after the limit and not before', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  await bench.attempts.claim(await dispatchedClaim(bench, jobId));
  const { timeoutMs } = definition;
  bench.setNow(t(50) + 3_600_000); // a clock that was set forward counts for nothing
  expect(await bench.attempts.timeOut(jobId, 1, timeoutMs - 1)).toBe('too-early');
  bench.setNow(t(50) - 3_600_000);
  expect(await bench.attempts.timeOut(jobId, 1, timeoutMs)).toBe('done');
  expect(await bench.attempts.timeOut(jobId, 1, timeoutMs)).toBe('stale');
});
