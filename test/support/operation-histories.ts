import fc from 'fast-check';
import type { RecordedEvent } from '../../domain/event-log';
import { operationStream } from '../../domain/ids';
import { operation } from '../../domain/operation/decide';
import type { OperationCommand } from '../../domain/operation/commands';
import type { OperationEvent, OperationFact } from '../../domain/operation/events';
import type { OperationState } from '../../domain/operation/state';
import { uuids } from '../../infra/ids';
import { newEvents } from '../../commands/new-events';
import { toTimestamp } from '../../domain/time';

const STARTED_AT = Date.parse('2026-11-23T12:00:00.000Z');

/** An event of an operation as the log has it. */
export const recordedOperationEvent = (
  operationId: string,
  revision: bigint,
  event: OperationEvent,
  at = STARTED_AT,
): RecordedEvent => {
  const [made] = newEvents(uuids, [event], `${operationId}/${revision}`, {
    ...{ $correlationId: operationId, $causationId: 'test', commandId: operationId },
    ...{ actor: { kind: 'user', id: 'ada' }, at: toTimestamp(at) },
  });
  if (!made) throw new Error('one event becomes one');
  const { data, ...rest } = made;
  return {
    ...rest,
    data: JSON.parse(JSON.stringify(data)) as unknown,
    ...{ stream: operationStream(operationId), revision, position: revision },
  };
};

const outcome = fc.constantFrom('changed', 'unchanged', 'job-running', 'due-in-past', 'left');

/** What somebody or the process may ask of an operation next, as far as it makes sense of what is there. */
type Ask = (state: OperationState) => OperationCommand;

const asks: fc.Arbitrary<Ask> = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }).chain((sizes) =>
    fc.boolean().map((isAgain): Ask => (state) => ({
      type: 'SelectJobs',
      batch: isAgain || state.status === 'none' ? 0 : state.batches,
      batches: sizes.map((size) => Array.from({ length: size }, () => uuids.next())),
    })),
  ),
  fc.constant<Ask>(() => ({ type: 'CompleteSelection', asOf: '4711' })),
  fc.array(outcome, { minLength: 3, maxLength: 3 }).map((outcomes): Ask => (state) => ({
    type: 'RecordProgress',
    batch: state.status === 'none' ? 0 : state.progressed,
    outcomes,
  })),
  { weight: 1, arbitrary: fc.constant<Ask>(() => ({ type: 'StopOperation', reason: 'no' })) },
  fc.constant<Ask>(() => ({ type: 'EndUnselected' })),
  fc.constant<Ask>(() => ({ type: 'RefuseSelection', problem: 'too many' })),
);

export const operationAsks = fc.array(asks, { minLength: 1, maxLength: 14 });

/** The stream that the asks make, and what it folds to. Batches are gone through whole. */
export const recordedOperation = (given: readonly Ask[]) => {
  const operationId = uuids.next();
  const events: RecordedEvent[] = [];
  const sizes: number[] = [];
  let state: OperationState = operation.initial;
  const take = (command: OperationCommand): void => {
    const decision = operation.decide(command, state);
    if (decision.outcome === 'rejected') return;
    for (const event of decision.events) {
      const revision = BigInt(events.length);
      const at = STARTED_AT + events.length;
      const fact: OperationFact = { ...event, at, revision };
      state = operation.evolve(state, fact);
      events.push(recordedOperationEvent(operationId, revision, event, at));
      if (event.type === 'OperationSelected') sizes[event.data.batch] = event.data.jobIds.length;
    }
  };
  take({
    type: 'StartOperation',
    definition: {
      ...{ ownerId: 'ada', role: 'user', kind: 'move', byMs: 1_000 },
      selection: { by: 'filter', filter: { tag: 'a "red", one' } },
    },
  });
  for (const ask of given) {
    const command = ask(state);
    take(
      command.type === 'RecordProgress'
        ? { ...command, outcomes: command.outcomes.slice(0, sizes[command.batch] ?? 0) }
        : command,
    );
  }
  return { operationId, events, state };
};
