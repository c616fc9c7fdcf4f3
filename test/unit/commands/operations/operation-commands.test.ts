import { carryOut } from '../../../../commands/operations/carry-out';
import type {
  OperationAccepted,
  OperationAnswer,
} from '../../../../commands/operations/operation-answers';
import { operationCommands } from '../../../../commands/operations/operation-commands';
import {
  loadOperation,
  OperationUnreadable,
} from '../../../../commands/operations/operation-stream';
import { EventLogUnavailable, StreamGone, type EventLog } from '../../../../domain/event-log';
import { EventTooNew } from '../../../../domain/events/upcast';
import { operationStream } from '../../../../domain/ids';
import type { OperationCommand } from '../../../../domain/operation/commands';
import type { KnownOperation } from '../../../../domain/operation/state';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import type { CommandContext } from '../../../../commands/answers';
import { keyed, as } from '../../../support/command-bench';
import { t } from '../../../support/jobs';

const JOB = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6001';
const asked = { kind: 'move', byMs: 10_000, selection: { by: 'ids' }, jobIds: [JOB] } as const;
const operator: CommandContext = {
  ...{ actor: { kind: 'operator', id: 'olga' }, correlationId: 'request-2' },
};

/** Commands over a log in memory; what the read model knows is what a test says. */
const benchOf = (wrap: (log: EventLog) => EventLog = (log) => log) => {
  const memory = memoryEventLog().log;
  const remembered = new Map<string, KnownOperation>();
  const known = { find: (id: string) => Promise.resolve(remembered.get(id)) };
  const deps = { log: wrap(memory), ids: uuids, clock: { now: () => t(10) } };
  const events = (id: string) => memory.read(operationStream(id));
  const stateOf = async (id: string) => {
    const { state } = await loadOperation(memory, known, id);
    if (state.status === 'none') throw new Error(`there is no ${id}`);
    return state;
  };
  return {
    ...{ remembered, known, memory, events, stateOf },
    commands: operationCommands({ ...deps, known }),
    types: async (id: string) => (await events(id)).map(({ type }) => type),
    carry: async (id: string, command: OperationCommand, at?: KnownOperation) =>
      await carryOut(deps, id, at ?? (await stateOf(id)), command),
  };
};
const done = (answer: OperationAnswer): OperationAccepted => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};
const refused = (code: string) => ({ outcome: 'rejected', rejection: { code } });
const progress: OperationCommand = { type: 'RecordProgress', batch: 0, outcomes: ['changed'] };

test('an operation that is started says whose it is, as whom it acts, and where in the log to wait for it', async () => {
  const { commands, types, events } = benchOf();
  const started = done(await commands.start(asked, as('ada')));
  expect(started).toMatchObject({
    isReplay: false,
    operation: {
      ...{ status: 'running', items: 1, batches: 1, revision: 2n, startedAt: t(10) },
      definition: { ownerId: 'ada', role: 'user', kind: 'move', byMs: 10_000 },
    },
  });
  expect(started.operation.definition).not.toHaveProperty('jobIds');
  const all = await events(started.operationId);
  expect(started.position).toBe(all.at(-1)?.position);
  expect(await types(started.operationId)).toEqual([
    ...['OperationStarted', 'OperationSelected', 'OperationSelectionCompleted'],
  ]);
  const byOperator = done(await commands.start(asked, operator));
  expect(byOperator.operation.definition).toMatchObject({ ownerId: 'olga', role: 'operator' });
});

test('a start without jobs that are named waits for its selection', async () => {
  const { commands } = benchOf();
  const { jobIds: _, ...byFilter } = asked;
  const selection = { by: 'filter', filter: {} } as const;
  const { operation } = done(await commands.start({ ...byFilter, selection }, as('ada')));
  expect(operation).toMatchObject({ status: 'selecting', items: 0 });
});

describe('the same key', () => {
  test('with the same request is the same operation as it stands now', async () => {
    const { commands, carry, types } = benchOf();
    const context = as('ada', keyed('k'));
    const first = done(await commands.start(asked, context));
    await carry(first.operationId, progress);
    const again = done(await commands.start(asked, context));
    expect(again).toMatchObject({
      ...{ operationId: first.operationId, isReplay: true },
      operation: { status: 'completed' },
    });
    expect(again.position).toBeGreaterThan(first.position);
    expect(await commands.startedBefore(context)).toEqual(again);
    expect(await types(first.operationId)).toHaveLength(5);
  });

  test('with another request is refused, before and after it is decided', async () => {
    const { commands } = benchOf();
    await commands.start(asked, as('ada', keyed('k')));
    const other = as('ada', keyed('k', 'another body'));
    expect(await commands.start(asked, other)).toEqual(refused('idempotency-key-reused'));
    expect(await commands.startedBefore(other)).toEqual(refused('idempotency-key-reused'));
  });

  test('of another user is another key, and without a key each start is its own', async () => {
    const { commands } = benchOf();
    const contexts = [as('ada', keyed('k')), as('bob', keyed('k')), as('ada'), as('ada')];
    const ids = new Set<string>();
    for (const context of contexts) ids.add(done(await commands.start(asked, context)).operationId);
    expect(ids.size).toBe(4);
    expect(await commands.startedBefore(as('ada'))).toBeUndefined();
    expect(await commands.startedBefore(as('ada', keyed('new')))).toBeUndefined();
  });

  test('on a stop of two operations is one that was used already', async () => {
    const { commands, types } = benchOf();
    const [one, two] = [
      done(await commands.start(asked, as('ada'))),
      done(await commands.start(asked, as('ada'))),
    ];
    const context = (body: string) => as('ada', keyed('stop', body));
    done(await commands.stop(one.operationId, undefined, context('one')));
    expect(await commands.stop(two.operationId, undefined, context('two'))).toEqual(
      refused('idempotency-key-reused'),
    );
    expect(await types(two.operationId)).toHaveLength(3);
  });
});

describe('a stop', () => {
  test('is recorded with its reason, and asked again it changes nothing', async () => {
    const { commands, events } = benchOf();
    const { operationId, operation } = done(await commands.start(asked, as('ada')));
    const stopped = done(await commands.stop(operationId, 'enough', as('ada')));
    expect(stopped.operation).toMatchObject({
      ...{ status: 'stopping', note: 'enough', revision: operation.revision + 1n },
    });
    const again = done(await commands.stop(operationId, 'enough', as('ada')));
    expect(again).toMatchObject({ position: stopped.position, isReplay: false });
    expect((await events(operationId)).at(-1)?.data).toEqual({ reason: 'enough' });
  });

  test('without a reason has none', async () => {
    const { commands, events } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    await commands.stop(operationId, undefined, as('ada'));
    expect((await events(operationId)).at(-1)?.data).toEqual({});
  });

  test('is refused at another revision than was looked at, after the end, and of what is not there', async () => {
    const { commands, carry } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    expect(await commands.stop(operationId, undefined, as('ada', { ifMatch: 1n }))).toEqual({
      ...{ outcome: 'rejected', rejection: { code: 'revision-mismatch', revision: 2n } },
    });
    await carry(operationId, progress);
    expect(await commands.stop(operationId, undefined, as('ada', { ifMatch: 4n }))).toEqual(
      refused('operation-ended'),
    );
    expect(await commands.stop(JOB, undefined, as('ada', { ifMatch: 4n }))).toEqual(
      refused('operation-not-found'),
    );
  });

  test('of somebody else’s is of none, but an operator may', async () => {
    const { commands } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    expect(await commands.stop(operationId, undefined, as('bob'))).toEqual(
      refused('operation-not-found'),
    );
    expect(await commands.load(operationId, as('bob'))).toEqual({ status: 'none' });
    expect(await commands.load(operationId, as('ada'))).toMatchObject({ status: 'running' });
    done(await commands.stop(operationId, undefined, operator));
  });
});

describe('an undo', () => {
  test('is one operation, whose operation it was theirs, and asked again it is the same', async () => {
    const { commands, carry } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    await carry(operationId, progress);
    const undone = done(await commands.undo(operationId, 'sorry', operator));
    expect(undone.operation.definition).toEqual({
      ...{ ownerId: 'ada', role: 'user', reason: 'sorry', kind: 'move' },
      selection: { by: 'undo', operationId },
    });
    const again = done(await commands.undo(operationId, undefined, as('ada')));
    expect(again).toMatchObject({ operationId: undone.operationId, isReplay: true });
  });

  test('is refused while its operation goes on, of what no undo brings back, and at another revision', async () => {
    const { commands, carry } = benchOf();
    const moving = done(await commands.start(asked, as('ada'))).operationId;
    expect(await commands.undo(moving, undefined, as('ada'))).toEqual(refused('operation-open'));
    expect(await commands.undo(moving, undefined, as('ada', { ifMatch: 9n }))).toMatchObject(
      refused('revision-mismatch'),
    );
    const cancelling = done(await commands.start({ ...asked, kind: 'cancel' }, as('ada')));
    await carry(cancelling.operationId, progress);
    expect(await commands.undo(cancelling.operationId, undefined, as('ada'))).toEqual(
      refused('operation-not-undoable'),
    );
    expect(await commands.undo(moving, undefined, as('bob'))).toEqual(
      refused('operation-not-found'),
    );
  });
});

describe('what the process has done', () => {
  test('is recorded at the revision that it saw, and told with what becomes of the operation', async () => {
    const { commands, carry, events } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    const carried = await carry(operationId, progress);
    expect(carried).toMatchObject({
      ...{ outcome: 'recorded', revision: 4n },
      events: [{ type: 'OperationProgressed' }, { type: 'OperationCompleted' }],
      operation: { status: 'completed', changed: 1, revision: 4n, endedAt: t(10) },
    });
    expect((await events(operationId)).at(-1)?.metadata).toMatchObject({
      ...{ $correlationId: operationId, $causationId: `${operationStream(operationId)}@2` },
      ...{ actor: { kind: 'system', id: 'bulk-changer' }, at: '2026-11-23T12:00:10.000Z' },
    });
  });

  test('is not recorded when the operation has moved on since, or would not take it', async () => {
    const { commands, carry, stateOf, types } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    const before = await stateOf(operationId);
    await commands.stop(operationId, undefined, as('ada'));
    expect(await carry(operationId, progress, before)).toEqual({ outcome: 'stale' });
    expect(await carry(operationId, { ...progress, batch: 1 })).toEqual({ outcome: 'stale' });
    expect(await types(operationId)).toHaveLength(4);
  });
});

describe('an operation is read', () => {
  test('from what is known of it on, and without what is known from its first event on', async () => {
    const { commands, carry, remembered, known, memory, stateOf } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    remembered.set(operationId, await stateOf(operationId));
    expect(await loadOperation(memory, known, operationId)).toEqual({
      state: await stateOf(operationId), // nothing was read, so no position is known
    });
    await carry(operationId, progress);
    const loaded = await loadOperation(memory, known, operationId);
    expect(loaded.state).toMatchObject({ status: 'completed', revision: 4n });
    expect(loaded.position).toBeDefined();
    const whole: EventLog = { ...memory, read: (stream) => memory.read(stream) };
    expect(await loadOperation(whole, known, operationId)).toEqual(loaded); // of more than was asked for
  });

  const broken = (error: Error) => {
    return benchOf((log) => ({ ...log, read: () => Promise.reject(error) }));
  };

  test('not when its stream is gone, which only its owner and operators learn', async () => {
    const { commands, remembered } = broken(new StreamGone('deleted'));
    const theirs = done(await benchOf().commands.start(asked, as('ada')));
    remembered.set(theirs.operationId, theirs.operation);
    await expect(commands.load(theirs.operationId, as('ada'))).rejects.toThrow(OperationUnreadable);
    await expect(commands.load(theirs.operationId, operator)).rejects.toThrow('cannot be read');
    expect(await commands.load(theirs.operationId, as('bob'))).toEqual({ status: 'none' });
    expect(await commands.load(JOB, as('bob'))).toEqual({ status: 'none' });
  });

  test('not while the log is away, whoever asks', async () => {
    const { commands } = broken(new EventLogUnavailable('away'));
    await expect(commands.load(JOB, as('bob'))).rejects.toThrow('away');
  });

  test('not over an event that makes no sense, nor over one of a newer build', async () => {
    const { commands, memory } = benchOf();
    const { operationId } = done(await commands.start(asked, as('ada')));
    const stream = operationStream(operationId);
    const [first] = await memory.read(stream);
    if (!first) throw new Error('it was started');
    const append = (changes: object, at: bigint) =>
      memory.append(stream, [{ ...first, id: uuids.next(), ...changes } as never], at);
    await append({ type: '$streamDeleted' }, 2n);
    expect(await commands.load(operationId, as('ada'))).toMatchObject({ revision: 2n });
    const newer = { ...(first.metadata as object), schemaVersion: 99 };
    await append({ metadata: newer }, 3n);
    await expect(commands.load(operationId, as('bob'))).rejects.toThrow(EventTooNew);
    const other = done(await commands.start(asked, as('ada')));
    const odd = { ...first, id: uuids.next(), type: 'OperationSelected', data: {} };
    await memory.append(operationStream(other.operationId), [odd as never], 2n);
    await expect(commands.load(other.operationId, as('ada'))).rejects.toThrow(OperationUnreadable);
    expect(await commands.load(other.operationId, as('bob'))).toEqual({ status: 'none' });
  });
});
