import type { AuditedOf } from '../audit/audited-event';
import type { Checked, FactOf } from '../events/kind';
import type { OperationEventKind } from './event-kinds/kind';
import { life } from './event-kinds/life';
import { work } from './event-kinds/work';

/** All events of an operation; their types, and everything that reads them, follow from here. */
const kinds = { ...life, ...work };

type Kinds = typeof kinds;
type DataOf<Type extends OperationEventType> = Parameters<Kinds[Type]['evolve']>[1]['data'];

export type OperationEventType = keyof Kinds;

export type OperationEvent = {
  [Type in OperationEventType]: { readonly type: Type; readonly data: DataOf<Type> };
}[OperationEventType];

/** An event as the log has it: with the time it was recorded at and its revision in the stream. */
export type OperationFact = OperationEvent & Pick<FactOf<never>, 'at' | 'revision'>;

/** The same as the audit reads it. */
export type AuditedOperationEvent = OperationEvent & Omit<AuditedOf<never>, 'type' | 'data'>;

export const operationEventTypes = Object.keys(kinds) as readonly OperationEventType[]; // a record has the keys of its type

export const isOperationEventType = (type: string): type is OperationEventType =>
  Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const operationKindOf = (type: OperationEventType): OperationEventKind<object> & Checked =>
  kinds[type] as OperationEventKind<object> & Checked;
