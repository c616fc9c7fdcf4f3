import { accept, fold, reject } from '../../../../domain/decider';
import type { OperationCommand } from '../../../../domain/operation/commands';
import { operation, undoOf } from '../../../../domain/operation/decide';
import type { OperationDefinition } from '../../../../domain/operation/definition';
import type { OperationEvent } from '../../../../domain/operation/events';
import { BATCH_ITEMS } from '../../../../domain/operation/limits';
import type { KnownOperation, OperationState } from '../../../../domain/operation/state';

const definition: OperationDefinition = {
  ownerId: 'ada',
  role: 'user',
  kind: 'cancel',
  selection: { by: 'filter', filter: { tag: 'red' } },
};
const idOf = (n: number): string => `019ab3c4-5d6e-7f80-9a1b-${String(n).padStart(12, '0')}`;
const idsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => idOf(n));

const stateAfter = (events: readonly OperationEvent[]): OperationState =>
  fold(
    operation.evolve,
    operation.initial,
    events.map((event, n) => ({ ...event, at: 1_000 + n, revision: BigInt(n) })),
  );
/** What was recorded after all of the commands; none of them may be refused. */
const after = (...commands: readonly OperationCommand[]): readonly OperationEvent[] =>
  commands.reduce<readonly OperationEvent[]>((events, command) => {
    const decision = operation.decide(command, stateAfter(events));
    if (decision.outcome === 'rejected') throw new Error(JSON.stringify(decision.rejection));
    return [...events, ...decision.events];
  }, []);
const deciding = (command: OperationCommand, ...past: readonly OperationCommand[]) =>
  operation.decide(command, stateAfter(after(...past)));
const knownAfter = (...commands: readonly OperationCommand[]): KnownOperation => {
  const state = stateAfter(after(...commands));
  if (state.status === 'none') throw new Error('nothing was started');
  return state;
};

const start: OperationCommand = { type: 'StartOperation', definition };
const two: OperationCommand = { type: 'SelectJobs', batch: 0, batches: [idsOf(2), idsOf(1)] };
const complete: OperationCommand = { type: 'CompleteSelection', asOf: '4711' };
const running = [start, two, complete];
const first: OperationCommand = {
  ...{ type: 'RecordProgress', batch: 0, outcomes: ['changed', 'job-running'] },
};
const second: OperationCommand = { type: 'RecordProgress', batch: 1, outcomes: ['unchanged'] };
const stop: OperationCommand = { type: 'StopOperation', reason: 'the wrong tag' };

test('named jobs are in the log with the operation itself, so that there is nothing to be looked up later', () => {
  const jobIds = idsOf(BATCH_ITEMS + 1);
  const named = { ...definition, selection: { by: 'ids' } } as const;
  expect(after({ type: 'StartOperation', definition: named, jobIds })).toEqual([
    { type: 'OperationStarted', data: named },
    {
      type: 'OperationSelected',
      data: { batch: 0, from: 0, jobIds: jobIds.slice(0, BATCH_ITEMS) },
    },
    {
      type: 'OperationSelected',
      data: { batch: 1, from: BATCH_ITEMS, jobIds: jobIds.slice(BATCH_ITEMS) },
    },
    { type: 'OperationSelectionCompleted', data: { items: BATCH_ITEMS + 1 } },
  ]);
});

test('one that was started is not started once more', () => {
  expect(deciding(start, start)).toEqual(reject({ code: 'operation-exists' }));
});

test('a selection that begins again forgets what it had before, for somebody was killed in the middle of it', () => {
  const again: OperationCommand = { type: 'SelectJobs', batch: 0, batches: [idsOf(1)] };
  expect(knownAfter(start, two, again, complete)).toMatchObject({ batches: 1, items: 1 });
});

test('batches of a selection that come out of their turn are none of it: somebody else is at it', () => {
  const late: OperationCommand = { type: 'SelectJobs', batch: 1, batches: [idsOf(1)] };
  expect(deciding(late, start)).toEqual(reject({ code: 'operation-moved-on' }));
});

test('one that fits no job is done as soon as that is known', () => {
  expect(after(start, complete).slice(-2)).toEqual([
    { type: 'OperationSelectionCompleted', data: { items: 0, asOf: '4711' } },
    { type: 'OperationCompleted', data: { changed: 0, unchanged: 0, refused: 0, left: 0 } },
  ]);
});

test('the last batch ends it, with the sums of all', () => {
  expect(after(...running, first, second).slice(-2)).toEqual([
    { type: 'OperationProgressed', data: { batch: 1, from: 2, outcomes: ['unchanged'] } },
    { type: 'OperationCompleted', data: { changed: 1, unchanged: 1, refused: 1, left: 0 } },
  ]);
});

test.each<[string, OperationCommand, readonly OperationCommand[]]>([
  ['twice', first, [...running, first]],
  ['out of its turn', second, running],
  ['before all are selected', first, [start, two]],
  ['after the end', second, [...running, first, second]],
])('a batch is not recorded %s', (_when, command, past) => {
  expect(deciding(command, ...past)).toEqual(reject({ code: 'operation-moved-on' }));
});

test('a stop is recorded once, and the batch under way ends it: what nobody went through is left', () => {
  expect(deciding(stop, ...running)).toEqual(
    accept({ type: 'OperationStopRequested', data: { reason: 'the wrong tag' } }),
  );
  expect(deciding(stop, ...running, stop)).toEqual(accept());
  const ended = [...running, stop, { ...first, outcomes: ['changed', 'left'] } as OperationCommand];
  expect(after(...ended).slice(-1)).toEqual([
    { type: 'OperationStopped', data: { changed: 1, unchanged: 0, refused: 0, left: 2 } },
  ]);
  expect(deciding(stop, ...ended)).toEqual(accept());
  expect(knownAfter(...ended)).toMatchObject({ note: 'the wrong tag', left: 2 });
});

test('one that is stopped before its jobs are known changes none', () => {
  expect(after(start, two, stop, { type: 'EndUnselected' }).slice(-1)).toEqual([
    { type: 'OperationStopped', data: { changed: 0, unchanged: 0, refused: 0, left: 3 } },
  ]);
  expect(deciding(complete, start, two, stop)).toEqual(reject({ code: 'operation-moved-on' }));
});

test('one that is through cannot be stopped, and one that is not there neither', () => {
  expect(deciding(stop, ...running, first, second)).toEqual(reject({ code: 'operation-ended' }));
  expect(operation.decide(stop, operation.initial)).toEqual(
    reject({ code: 'operation-not-found' }),
  );
});

describe('an undo', () => {
  const by = { ownerId: 'ada', role: 'user' } as const;
  const moving: OperationCommand = {
    type: 'StartOperation',
    definition: { ...definition, kind: 'move', byMs: 1_000 },
  };
  test('waits for the end: what is still changed would not be undone', () => {
    expect(undoOf('x', knownAfter(moving, two, complete), by)).toEqual({
      rejection: { code: 'operation-open' },
    });
  });
  test('is a move of what was moved, by the log and not by the clock', () => {
    expect(undoOf('x', knownAfter(moving, two, complete, first, second), by)).toEqual({
      definition: { ...by, kind: 'move', selection: { by: 'undo', operationId: 'x' } },
    });
  });
  test('of a cancel there is none, for that is final', () => {
    expect(undoOf('x', knownAfter(...running, first, second), by)).toEqual({
      rejection: { code: 'operation-not-undoable' },
    });
  });
});
