import { changeItem } from '../../../../commands/operations/change-item';
import { jobStream, operationStream } from '../../../../domain/ids';
import type { OperationDefinition } from '../../../../domain/operation/definition';
import { EventLogUnavailable, StreamGone, type EventLog } from '../../../../domain/event-log';
import { uuids } from '../../../../infra/ids';
import {
  accepted,
  as,
  commandBench,
  dispatchedClaim,
  scheduledJob,
} from '../../../support/command-bench';
import { t } from '../../../support/jobs';

const OPERATION = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb';
const UNDO = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60cc';

const cancel: OperationDefinition = {
  ...{ ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
};
const move: OperationDefinition = { ...cancel, kind: 'move', byMs: 10_000, reason: 'not yet' };
const undo: OperationDefinition = {
  ...{ ...cancel, kind: 'move', selection: { by: 'undo', operationId: OPERATION } },
};

const benchOf = (wrap?: (log: EventLog) => EventLog) => {
  const bench = commandBench(wrap);
  const deps = { log: bench.log, ids: uuids, clock: { now: () => t(10) } };
  return {
    ...bench,
    item: (
      jobId: string,
      definition: OperationDefinition,
      { operationId = OPERATION, mayChange = (): boolean => true } = {},
    ) => changeItem(deps, { operationId, definition, jobId }, mayChange),
    last: async (jobId: string) => (await bench.events(jobId)).at(-1),
  };
};

test('a job is changed once, however often the operation is carried out, and tells who asked for it', async () => {
  const { item, types, last, ...bench } = benchOf();
  const jobId = await scheduledJob({ ...bench, types });
  expect(await item(jobId, move)).toBe('changed');
  expect(await item(jobId, move)).toBe('changed');
  expect(await types(jobId)).toEqual(['JobScheduled', 'JobRescheduled']);
  expect(await last(jobId)).toMatchObject({
    data: { dueAt: '2026-11-23T12:01:00.000Z', reason: 'not yet' },
    metadata: {
      ...{ $correlationId: jobId, $causationId: operationStream(OPERATION) },
      ...{ actor: { kind: 'user', id: 'ada' }, at: '2026-11-23T12:00:10.000Z' },
    },
  });
});

test('what one operation has done, another does for itself', async () => {
  const { item, types, ...bench } = benchOf();
  const jobId = await scheduledJob({ ...bench, types });
  await item(jobId, move);
  expect(await item(jobId, move, { operationId: UNDO })).toBe('changed');
  expect((await types(jobId)).slice(1)).toEqual(['JobRescheduled', 'JobRescheduled']);
});

test('a job that was changed by somebody who could not tell is told as changed, also when no more may be changed', async () => {
  const { item, ...bench } = benchOf();
  const jobId = await scheduledJob(bench);
  await item(jobId, cancel);
  expect(await item(jobId, cancel, { mayChange: () => false })).toBe('changed');
});

test('after a stop a job is left as it is', async () => {
  const { item, types, ...bench } = benchOf();
  const jobId = await scheduledJob({ ...bench, types });
  expect(await item(jobId, cancel, { mayChange: () => false })).toBe('left');
  expect(await types(jobId)).toEqual(['JobScheduled']);
});

test('each kind does to a job what its command does, with the reason that was given or with none', async () => {
  const { item, types, last, ...bench } = benchOf();
  const jobId = await scheduledJob({ ...bench, types });
  expect(await item(jobId, { ...cancel, kind: 'redrive' })).toBe('job-not-failed');
  expect(await item(jobId, { ...move, byMs: 0 })).toBe('unchanged');
  expect(await item(jobId, cancel)).toBe('changed');
  expect((await last(jobId))?.data).toEqual({ dueAt: '2026-11-23T12:00:50.000Z' });
  expect(await item(jobId, move, { operationId: UNDO })).toBe('job-cancelled');
  const other = await scheduledJob({ ...bench, types });
  await item(other, { ...cancel, reason: 'enough' });
  expect((await last(other))?.data).toMatchObject({ reason: 'enough' });
});

test('a job that failed is run again', async () => {
  const { item, types, ...bench } = benchOf();
  const jobId = await scheduledJob({ ...bench, types });
  const granted = await bench.attempts.claim(await dispatchedClaim({ ...bench, types }, jobId));
  const token = granted.granted ? granted.token : '';
  const error = { code: 'boom', message: 'it broke' };
  const outcome = { status: 'failed', error, retryable: false } as const;
  await bench.attempts.report({ jobId, attempt: 1, token, outcome });
  expect(await item(jobId, { ...cancel, kind: 'redrive' })).toBe('changed');
  expect((await types(jobId)).at(-1)).toBe('JobRedriven');
});

test('a job of somebody else is none for a user, and one like all for an operator', async () => {
  const { item, ...bench } = benchOf();
  const jobId = await scheduledJob(bench);
  expect(await item(jobId, { ...cancel, ownerId: 'bob' })).toBe('job-not-found');
  expect(await item('019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6009', cancel)).toBe('job-not-found');
  expect(await item(jobId, { ...cancel, ownerId: 'bob', role: 'operator' })).toBe('changed');
});

describe('an undo', () => {
  test('puts a job back to where the move had found it, once', async () => {
    const { item, last, types, ...bench } = benchOf();
    const jobId = await scheduledJob({ ...bench, types });
    await item(jobId, move);
    expect(await item(jobId, undo, { operationId: UNDO })).toBe('changed');
    expect((await last(jobId))?.data).toEqual({
      dueAt: '2026-11-23T12:00:50.000Z',
      previousDueAt: '2026-11-23T12:01:00.000Z',
    });
    expect(await item(jobId, undo, { operationId: UNDO })).toBe('changed');
    expect(await types(jobId)).toHaveLength(3);
  });

  test('leaves a job alone that was not moved by it', async () => {
    const { item, types, ...bench } = benchOf();
    const jobId = await scheduledJob({ ...bench, types });
    accepted(await bench.commands.reschedule(jobId, t(70), undefined, as('ada')));
    expect(await item(jobId, undo, { operationId: UNDO })).toBe('unchanged');
    expect(await types(jobId)).toHaveLength(2);
  });

  test('leaves a job alone that somebody has moved since: theirs is the last word', async () => {
    const { item, types, ...bench } = benchOf();
    const jobId = await scheduledJob({ ...bench, types });
    await item(jobId, move);
    accepted(await bench.commands.reschedule(jobId, t(70), undefined, as('ada')));
    expect(await item(jobId, undo, { operationId: UNDO })).toBe('job-moved-since');
    expect(await types(jobId)).toHaveLength(3);
  });
});

test('a race that is lost again and again is told, and nothing is recorded', async () => {
  let tries = 0;
  const { item, types, ...bench } = benchOf((log) => ({
    ...log,
    append: (stream, events, expected) => {
      if (expected === 'no-stream') return log.append(stream, events, expected);
      tries += 1;
      return Promise.resolve({ outcome: 'conflict' } as never);
    },
  }));
  const jobId = await scheduledJob({ ...bench, types });
  expect(await item(jobId, cancel)).toBe('contended');
  expect(tries).toBe(5);
});

describe('of a job that cannot be read', () => {
  const gone = (jobId: () => string) =>
    benchOf((log) => ({
      ...log,
      read: (stream) =>
        stream === jobStream(jobId())
          ? Promise.reject(new StreamGone(`${stream} was deleted`))
          : log.read(stream),
    }));
  const odd = async () => {
    const bench = benchOf();
    const jobId = await scheduledJob(bench);
    const [first] = await bench.events(jobId);
    if (!first) throw new Error('it was scheduled');
    const data = { attempt: 1, executorId: 'x1' }; // of a job that was never dispatched
    const strange = { ...first, id: uuids.next(), type: 'JobStarted', data };
    await bench.log.append(jobStream(jobId), [strange as never], 0n);
    return { ...bench, jobId };
  };

  test('an operator and who selected it by a filter learn why', async () => {
    const { item, jobId } = await odd();
    expect(await item(jobId, { ...cancel, ownerId: 'bob', role: 'operator' })).toBe(
      'job-unreadable',
    );
    const filter = { by: 'filter', filter: {} } as const;
    expect(await item(jobId, { ...cancel, ownerId: 'bob', selection: filter })).toBe(
      'job-unreadable',
    );
  });

  test('who named it learns so only of his own', async () => {
    const { item, jobId } = await odd();
    expect(await item(jobId, cancel)).toBe('job-unreadable');
    expect(await item(jobId, { ...cancel, ownerId: 'bob' })).toBe('job-not-found');
  });

  test('a history that is gone is told as that', async () => {
    const jobId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6009';
    const { item } = gone(() => jobId);
    expect(await item(jobId, { ...cancel, role: 'operator' })).toBe('job-history-gone');
  });
});

test('a log that is away is no outcome: the same call again is right', async () => {
  const { item } = benchOf((log) => ({
    ...log,
    read: () => Promise.reject(new EventLogUnavailable('away')),
  }));
  await expect(item('019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6009', cancel)).rejects.toThrow('away');
});
