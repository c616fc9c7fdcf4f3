import { wholeEvents } from '../events/whole-event';
import { isOperationEventType, operationKindOf, type OperationFact } from './events';

/** Reads a stored event of an operation. @throws as `wholeEvents` says */
export const decodeOperationEvent = wholeEvents<OperationFact>({
  aggregate: 'an operation',
  isType: isOperationEventType,
  kindOf: operationKindOf,
});
