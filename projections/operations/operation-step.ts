import type { RecordedEvent } from '../../domain/event-log';
import { isTombstone, operationIdOf } from '../../domain/ids';
import type { OperationEventType, OperationFact } from '../../domain/operation/events';
import { decodeOperationEvent } from '../../domain/operation/stored-event';
import type { Timestamp } from '../../domain/time';

/** An operation's event with its place in the log, and its time as it was written. */
export type PlacedOperationFact = OperationFact & {
  readonly operationId: string;
  readonly position: bigint;
  readonly recordedAt: Timestamp;
};

export type PlacedOf<Type extends OperationEventType> = Extract<
  PlacedOperationFact,
  { readonly type: Type }
>;

/** Events of one operation that are written together: one, or batches of one kind in a row. */
export type OperationStep = {
  readonly operationId: string;
  readonly facts: readonly [PlacedOperationFact, ...PlacedOperationFact[]];
};

const placedFact = (event: RecordedEvent): PlacedOperationFact => {
  const operationId = operationIdOf(event.stream);
  if (operationId === undefined) throw new Error(`${event.stream} is no stream of an operation`);
  const { metadata, ...fact } = decodeOperationEvent(event);
  return { ...fact, operationId, position: event.position, recordedAt: metadata.at };
};

/** Whether an event goes on with what the one before it did; a first batch begins anew. */
const goesOn = (before: PlacedOperationFact, fact: PlacedOperationFact): boolean => {
  if (fact.type === 'OperationSelected') return before.type === fact.type && fact.data.batch !== 0;
  return fact.type === 'OperationProgressed' && before.type === fact.type;
};

/**
 * Events of a batch in rounds: within a round each operation has one step, and its steps come in their order.
 *
 * @throws Error for an event that cannot be read
 */
export const operationRounds = (
  events: readonly RecordedEvent[],
): readonly (readonly OperationStep[])[] => {
  const stepsOf = new Map<string, [PlacedOperationFact, ...PlacedOperationFact[]][]>();
  for (const event of events) {
    if (isTombstone(event.type)) continue;
    const fact = placedFact(event);
    const steps = stepsOf.get(fact.operationId) ?? [];
    stepsOf.set(fact.operationId, steps);
    const last = steps.at(-1);
    if (last && goesOn(last[0], fact)) last.push(fact);
    else steps.push([fact]);
  }
  const rounds: OperationStep[][] = [];
  for (const [operationId, steps] of stepsOf)
    for (const [round, facts] of steps.entries())
      (rounds[round] ??= []).push({ operationId, facts });
  return rounds;
};
