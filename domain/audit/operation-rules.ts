import type { OperationTrace } from '../operation/event-kinds/kind';
import { operationEventTypes, operationKindOf, type OperationEventType } from '../operation/events';
import type { AuditRule } from './audited-event';

type OperationRule = AuditRule<OperationTrace, object>;

const operationThatIs = (status: OperationTrace['status']): string =>
  status === 'none' ? 'an operation that was not started' : `an operation that is ${status}`;

const isOver = (status: OperationTrace['status']): boolean =>
  status === 'completed' || status === 'stopped';

/** The promises of every event of a type; each one out of place is told by one of these two names only. */
const placeRules = (type: OperationEventType): readonly OperationRule[] => {
  const { lawfulIn } = operationKindOf(type);
  const told = (isOne: (status: OperationTrace['status']) => boolean) => ({
    breach: ({ status }: Readonly<OperationTrace>) =>
      isOne(status) && !lawfulIn.includes(status)
        ? `${type} in ${operationThatIs(status)}`
        : undefined,
  });
  return [
    { name: 'after-the-end', ...told(isOver) },
    { name: 'legal-transition', ...told((status) => !isOver(status)) },
  ];
};

/** What an event of each type is held against, in this order. */
export const operationRules: ReadonlyMap<string, readonly OperationRule[]> = new Map(
  operationEventTypes.map((type) => [type, [...placeRules(type), ...operationKindOf(type).rules]]),
);
