import { accept, reject, type Decider } from '../decider';
import { inBatches } from './batches';
import type {
  OperationCommand,
  OperationDecision,
  OperationRejection,
  RecordProgress,
  SelectJobs,
  StartOperation,
  StopOperation,
} from './commands';
import type { OperationDefinition } from './definition';
import { operationKindOf, type OperationEvent, type OperationFact } from './events';
import { countedOutcomes, countsOf, type OutcomeCounts } from './outcomes';
import { initial, isOpen, type KnownOperation, type OperationState } from './state';

const movedOn = reject({ code: 'operation-moved-on' } as const);

const completed = (counts: OutcomeCounts): OperationEvent => ({
  type: 'OperationCompleted',
  data: countsOf(counts),
});

/** What nobody has gone through is left alone. */
const stopped = (
  { items }: KnownOperation,
  { changed, unchanged, refused }: OutcomeCounts,
  problem?: string,
): OperationEvent => ({
  type: 'OperationStopped',
  data: {
    ...{ changed, unchanged, refused, left: items - changed - unchanged - refused },
    ...(problem !== undefined && { problem }),
  },
});

const selectedBatches = (
  first: { readonly batch: number; readonly from: number },
  batches: readonly (readonly string[])[],
): readonly OperationEvent[] => {
  let { from } = first;
  return batches.map((jobIds, index) => {
    const data = { batch: first.batch + index, from, jobIds };
    from += jobIds.length;
    return { type: 'OperationSelected', data };
  });
};

const selectionCompleted = (known: KnownOperation, asOf?: string): readonly OperationEvent[] => [
  {
    type: 'OperationSelectionCompleted',
    data: { items: known.items, ...(asOf !== undefined && { asOf }) },
  },
  ...(known.items === 0 ? [completed(known)] : []),
];

const decideStart = (
  { definition, jobIds }: StartOperation,
  state: OperationState,
): OperationDecision => {
  if (state.status !== 'none') return reject({ code: 'operation-exists' });
  const start: OperationEvent = { type: 'OperationStarted', data: definition };
  if (!jobIds) return accept(start);
  return accept(start, ...selectedBatches({ batch: 0, from: 0 }, inBatches(jobIds)), {
    type: 'OperationSelectionCompleted',
    data: { items: jobIds.length },
  });
};

const decideSelect = ({ batch, batches }: SelectJobs, known: KnownOperation): OperationDecision => {
  if (known.status !== 'selecting') return movedOn;
  if (batch === 0) return accept(...selectedBatches({ batch, from: 0 }, batches));
  return batch === known.batches
    ? accept(...selectedBatches({ batch, from: known.items }, batches))
    : movedOn;
};

const decideProgress = (
  { batch, outcomes }: RecordProgress,
  known: KnownOperation,
): OperationDecision => {
  const isNext = known.isSelected && batch === known.progressed && batch < known.batches;
  if (!isOpen(known) || !isNext) return movedOn;
  const told = known.changed + known.unchanged + known.refused + known.left;
  const progress: OperationEvent = {
    type: 'OperationProgressed',
    data: { batch, from: told, outcomes },
  };
  const counts = countedOutcomes(known, outcomes);
  if (known.status === 'stopping') return accept(progress, stopped(known, counts));
  return batch === known.batches - 1 ? accept(progress, completed(counts)) : accept(progress);
};

const decideStop = ({ reason }: StopOperation, known: KnownOperation): OperationDecision => {
  if (known.status === 'stopping' || known.status === 'stopped') return accept();
  if (!isOpen(known)) return reject({ code: 'operation-ended' });
  return accept({
    type: 'OperationStopRequested',
    data: reason === undefined ? {} : { reason },
  });
};

const decideKnown = (
  command: Exclude<OperationCommand, StartOperation>,
  known: KnownOperation,
): OperationDecision => {
  switch (command.type) {
    case 'SelectJobs':
      return decideSelect(command, known);
    case 'CompleteSelection':
      return known.status === 'selecting'
        ? accept(...selectionCompleted(known, command.asOf))
        : movedOn;
    case 'RefuseSelection':
      return known.status === 'selecting'
        ? accept(stopped(known, known, command.problem))
        : movedOn;
    case 'RecordProgress':
      return decideProgress(command, known);
    case 'StopOperation':
      return decideStop(command, known);
    case 'EndUnselected':
      return known.status === 'stopping' && !known.isSelected
        ? accept(stopped(known, known))
        : movedOn;
  }
};

const decide = (command: OperationCommand, state: OperationState): OperationDecision => {
  if (command.type === 'StartOperation') return decideStart(command, state);
  return state.status === 'none'
    ? reject({ code: 'operation-not-found' })
    : decideKnown(command, state);
};

/** What an undo of an operation is about. */
export const undoOf = (
  operationId: string,
  known: KnownOperation,
  by: Pick<OperationDefinition, 'ownerId' | 'role' | 'reason'>,
): { readonly definition: OperationDefinition } | { readonly rejection: OperationRejection } => {
  if (isOpen(known)) return { rejection: { code: 'operation-open' } };
  // a cancel is final, and what was redriven cannot be made to have failed again
  if (known.definition.kind !== 'move') return { rejection: { code: 'operation-not-undoable' } };
  return { definition: { ...by, kind: 'move', selection: { by: 'undo', operationId } } };
};

/** The operation after one more fact. @throws Error for a fact that no decision could have recorded */
const evolve = (state: OperationState, fact: OperationFact): OperationState =>
  operationKindOf(fact.type).evolve(state, fact);

export const operation: Decider<
  OperationState,
  OperationCommand,
  OperationEvent,
  OperationFact,
  OperationRejection
> = { initial, decide, evolve };
