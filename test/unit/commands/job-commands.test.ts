import { jobHistory } from '../../../commands/job-history';
import type { AppendOutcome, EventLog } from '../../../domain/event-log';
import type { EventMetadata } from '../../../domain/events/metadata';
import { EventTooNew } from '../../../domain/events/upcast';
import { jobStream } from '../../../domain/ids';
import {
  accepted,
  as,
  commandBench,
  dispatchedClaim,
  keyed,
  scheduledJob,
} from '../../support/command-bench';
import { definition, t } from '../../support/jobs';

const { ownerId: _, ...request } = definition;

describe('schedule', () => {
  test('records one event with who, when and why, and reads nothing first', async () => {
    const bench = commandBench();
    const answer = accepted(
      await bench.commands.schedule({ definition: request, dueAt: t(50) }, as('ada')),
    );
    expect(answer).toMatchObject({ revision: 0n, job: { status: 'scheduled', dueAt: t(50) } });
    expect(await bench.events(answer.jobId)).toMatchObject([
      {
        type: 'JobScheduled',
        data: { ownerId: 'ada', dueAt: '2026-11-23T12:00:50.000Z' },
        metadata: {
          $correlationId: answer.jobId,
          $causationId: 'request-1',
          actor: { kind: 'user', id: 'ada' },
          at: '2026-11-23T12:00:00.000Z',
          schemaVersion: 1,
        },
      },
    ]);
    expect(bench.reads()).toBe(0);
  });

  test('twice with one key is one job and one answer, even when time has passed between', async () => {
    const bench = commandBench();
    const schedule = () =>
      bench.commands.schedule({ definition: request, dueAt: t(50) }, as('ada', keyed('k')));
    const first = accepted(await schedule());
    bench.setNow(t(5));
    const second = accepted(await schedule());
    expect(second).toEqual({ ...first, isReplay: true });
    expect(await bench.types(first.jobId)).toEqual(['JobScheduled']);
  });

  test('the same key tells of the job that it made even when its due time has passed, as after an outage', async () => {
    const bench = commandBench();
    const schedule = (body?: string) =>
      bench.commands.schedule({ definition: request, dueAt: t(5) }, as('ada', keyed('k', body)));
    const first = accepted(await schedule());
    bench.setNow(t(60));
    expect(await schedule()).toEqual({ ...first, isReplay: true });
    expect(await schedule('another')).toMatchObject({
      rejection: { code: 'idempotency-key-reused' },
    });
    const unused = as('ada', keyed('another key'));
    expect(
      await bench.commands.schedule({ definition: request, dueAt: t(5) }, unused),
    ).toMatchObject({ rejection: { code: 'due-in-past' } });
  });

  test('the same key with another body is refused: it is no repeat', async () => {
    const bench = commandBench();
    const schedule = (body: string) =>
      bench.commands.schedule({ definition: request, dueAt: t(50) }, as('ada', keyed('k', body)));
    await schedule('one');
    expect(await schedule('two')).toEqual({
      outcome: 'rejected',
      rejection: { code: 'idempotency-key-reused' },
    });
  });

  test('a request that was answered before is found by its key, and by nothing else', async () => {
    const { commands } = commandBench();
    const asked = { definition: request, dueAt: t(50) };
    expect(await commands.scheduledBefore(as('ada', keyed('k')))).toBeUndefined();
    const first = accepted(await commands.schedule(asked, as('ada', keyed('k'))));
    expect(await commands.scheduledBefore(as('ada', keyed('k')))).toEqual({
      ...first,
      isReplay: true,
    });
    expect(await commands.scheduledBefore(as('ada'))).toBeUndefined();
    expect(await commands.scheduledBefore(as('bob', keyed('k')))).toBeUndefined();
  });

  test('the same key of two owners is two jobs', async () => {
    const bench = commandBench();
    const schedule = (owner: string) =>
      bench.commands.schedule({ definition: request, dueAt: t(50) }, as(owner, keyed('k')));
    const [ada, bob] = [accepted(await schedule('ada')), accepted(await schedule('bob'))];
    expect(ada.jobId).not.toBe(bob.jobId);
  });

  test('with one key at the same moment is one job: the loser reads the winner’s answer', async () => {
    const bench = commandBench();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        bench.commands.schedule({ definition: request, dueAt: t(50) }, as('ada', keyed('k'))),
      ),
    );
    expect(new Set(answers.map((answer) => accepted(answer).jobId)).size).toBe(1);
    expect(answers.filter((answer) => !accepted(answer).isReplay)).toHaveLength(1);
  });
});

describe('a change', () => {
  test('of a foreign job answers like one of an unknown job', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const foreign = await bench.commands.cancel(jobId, undefined, as('bob'));
    const unknown = await bench.commands.cancel(
      '00000000-0000-7000-8000-000000000000',
      undefined,
      as('bob'),
    );
    expect(foreign).toEqual(unknown);
    expect(foreign).toEqual({ outcome: 'rejected', rejection: { code: 'job-not-found' } });
    expect(await bench.types(jobId)).toEqual(['JobScheduled']);
  });

  test('by an operator reaches everybody’s jobs and is recorded as his', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const operator = as('olga', { actor: { kind: 'operator', id: 'olga' } });
    accepted(await bench.commands.cancel(jobId, 'asked by phone', operator));
    expect((await bench.events(jobId))[1]).toMatchObject({
      data: { reason: 'asked by phone' },
      metadata: { actor: { kind: 'operator', id: 'olga' } },
    });
  });

  test('at a revision that is not the newest is refused with the newest, and nothing is recorded', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    accepted(await bench.commands.reschedule(jobId, t(75), undefined, as('ada', { ifMatch: 0n })));
    expect(await bench.commands.cancel(jobId, undefined, as('ada', { ifMatch: 0n }))).toEqual({
      outcome: 'rejected',
      rejection: { code: 'revision-mismatch', revision: 1n },
    });
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobRescheduled']);
  });

  test('with a key is done once, and its answer stays the same after later changes', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const move = () => bench.commands.reschedule(jobId, t(75), undefined, as('ada', keyed('k')));
    const first = accepted(await move());
    accepted(await bench.commands.reschedule(jobId, t(99), undefined, as('ada')));
    expect(accepted(await move())).toEqual({ ...first, isReplay: true });
    expect(await bench.types(jobId)).toHaveLength(3);
  });

  test('that is already so records nothing and answers the same revision', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const first = accepted(await bench.commands.cancel(jobId, undefined, as('ada')));
    const again = accepted(await bench.commands.cancel(jobId, undefined, as('ada')));
    expect(again.revision).toBe(first.revision);
    expect(again.position).toBe(first.position);
  });
});

describe('what a request says beside its command', () => {
  test('is recorded: where it came from, and a trace of it only if there is one', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    accepted(await bench.commands.runNow(jobId, 'hurry', as('ada', { traceparent })));
    const [born, moved] = await bench.events(jobId);
    expect(moved).toMatchObject({ data: { reason: 'hurry' }, metadata: { traceparent } });
    expect(born?.metadata).not.toHaveProperty('traceparent');
    expect(born?.metadata).not.toHaveProperty('fingerprint');
  });

  test('that gave no reason is recorded without one', async () => {
    const given: unknown[] = [];
    const bench = commandBench((log) => ({
      ...log,
      append: (stream, events, expected) => {
        given.push(...events.map(({ data }) => data));
        return log.append(stream, events, expected);
      },
    }));
    const jobId = await scheduledJob(bench);
    accepted(await bench.commands.cancel(jobId, undefined, as('ada')));
    expect(given[1]).toStrictEqual({ dueAt: '2026-11-23T12:00:50.000Z' });
  });
});

test('a dead letter is redriven by its owner, and the answer is the job right after it', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  await dispatchedClaim(bench, jobId);
  await bench.attempts.failDelivery(jobId, 1, { code: 'too-large', message: 'too large' });
  bench.setNow(t(90));
  const answer = accepted(await bench.commands.redrive(jobId, as('ada')));
  expect(answer).toMatchObject({
    revision: 4n,
    job: { status: 'scheduled', dueAt: t(90), attempt: 1, revision: 4n },
  });
  expect(await bench.commands.redrive(jobId, as('ada'))).toMatchObject({
    rejection: { code: 'job-not-failed' },
  });
});

test('If-Match on a job that is not there says that it is not there', async () => {
  const { commands } = commandBench();
  const unknown = '019ab000-0000-7000-8000-0000000000ff';
  expect(await commands.cancel(unknown, undefined, as('ada', { ifMatch: 3n }))).toEqual({
    outcome: 'rejected',
    rejection: { code: 'job-not-found' },
  });
});

test('a refused change is refused after one look, and a refused schedule without any', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const before = bench.reads();
  const early = await bench.commands.reschedule(jobId, t(-100), undefined, as('ada', keyed('k')));
  expect(early).toMatchObject({ rejection: { code: 'due-in-past' } });
  expect(bench.reads() - before).toBe(1);
  const past = { definition: request, dueAt: t(-100) };
  expect(await bench.commands.schedule(past, as('ada'))).toMatchObject({
    rejection: { code: 'due-in-past' },
  });
  expect(bench.reads() - before).toBe(1);
});

describe('a lost race', () => {
  /** Before the first append at `revision` goes through, somebody else is faster. */
  const overtaken = (faster: (log: EventLog, stream: string) => Promise<unknown>) => {
    let isFirst = true;
    return (log: EventLog): EventLog => ({
      read: log.read,
      append: async (stream, events, expected): Promise<AppendOutcome> => {
        if (expected === 0n && isFirst) {
          isFirst = false;
          await faster(log, stream);
        }
        return await log.append(stream, events, expected);
      },
    });
  };
  const other = (type: string, data: object) => (log: EventLog, stream: string) =>
    log.append(
      stream,
      [
        {
          id: '11111111-1111-4111-8111-111111111111',
          type,
          data,
          metadata: {
            $correlationId: 'c',
            $causationId: 'c',
            commandId: 'c',
            actor: { kind: 'system', id: 'other' },
            at: '2026-11-23T12:00:00.000Z',
            schemaVersion: 1,
          },
        },
      ],
      0n,
    );
  const dueAt = '2026-11-23T12:00:50.000Z';

  test('is decided again on what the winner left: a dispatch in between does not stop a cancel', async () => {
    const bench = commandBench(overtaken(other('JobDispatched', { attempt: 1, dueAt })));
    const jobId = await scheduledJob(bench);
    accepted(await bench.commands.cancel(jobId, undefined, as('ada')));
    expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobCancelled']);
  });

  test('is answered at once when the caller named the revision', async () => {
    const bench = commandBench(overtaken(other('JobCancelled', { dueAt })));
    const jobId = await scheduledJob(bench);
    const answer = await bench.commands.reschedule(
      jobId,
      t(75),
      undefined,
      as('ada', { ifMatch: 0n }),
    );
    expect(answer).toEqual({
      outcome: 'rejected',
      rejection: { code: 'revision-mismatch', revision: 1n },
    });
  });

  test('lost for ever ends as contended, with nothing recorded', async () => {
    const bench = commandBench((log) => ({
      read: log.read,
      append: (stream, events, expected) =>
        expected === 'no-stream'
          ? log.append(stream, events, expected)
          : Promise.resolve({ outcome: 'conflict' }),
    }));
    const jobId = await scheduledJob(bench);
    expect(await bench.commands.cancel(jobId, undefined, as('ada'))).toEqual({
      outcome: 'contended',
    });
  });
});

test('the history of a job is its owner’s and the operator’s, and unknown to everybody else', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const history = jobHistory(bench.log, { now: () => t(0) }).events;
  expect(await history(jobId, { kind: 'user', id: 'ada' })).toMatchObject([
    { type: 'JobScheduled', revision: 0, time: '2026-11-23T12:00:00.000Z' },
  ]);
  expect(await history(jobId, { kind: 'operator', id: 'olga' })).toHaveLength(1);
  expect(await history(jobId, { kind: 'user', id: 'bob' })).toBeUndefined();
});

test('a command on a job that a newer version has written stops and changes nothing, as does its history', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const [first] = await bench.events(jobId);
  const metadata = { ...(first?.metadata as EventMetadata), schemaVersion: 2 }; // ours, as all metadata is
  const data = { dueAt: '2026-11-23T12:01:15.000Z', previousDueAt: '2026-11-23T12:00:50.000Z' };
  const newer = { id: 'e1', type: 'JobRescheduled', data, metadata };
  await bench.log.append(jobStream(jobId), [newer], 0n);
  await expect(bench.commands.cancel(jobId, undefined, as('ada'))).rejects.toThrow(EventTooNew);
  const history = jobHistory(bench.log, { now: () => t(0) });
  await expect(history.events(jobId, { kind: 'user', id: 'ada' })).rejects.toThrow(
    /JobRescheduled v2/,
  );
  expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobRescheduled']);
});
