import type { Checked } from '../events/kind';
import type { Audited, EventOf, Recorded } from '../events/kinds';
import type { OperationEventKind } from './event-kinds/kind';
import { life } from './event-kinds/life';
import { work } from './event-kinds/work';

/** All events of an operation; their types, and everything that reads them, follow from here. */
const kinds = { ...life, ...work };

type Kinds = typeof kinds;

export type OperationEventType = keyof Kinds;

export type OperationEvent = EventOf<Kinds>;

export type OperationFact = Recorded<OperationEvent>;
export type AuditedOperationEvent = Audited<OperationEvent>;

export const operationEventTypes = Object.keys(kinds) as readonly OperationEventType[]; // a record has the keys of its type

export const isOperationEventType = (type: string): type is OperationEventType =>
  Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const operationKindOf = (type: OperationEventType): OperationEventKind<object> & Checked =>
  kinds[type] as OperationEventKind<object> & Checked;
