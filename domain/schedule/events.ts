import type { AuditedOf } from '../audit/audited-event';
import type { Checked, FactOf } from '../events/kind';
import { defining } from './event-kinds/definition';
import type { ScheduleEventKind } from './event-kinds/kind';
import { occurrences } from './event-kinds/occurrences';

/** All events of a schedule; their types, and everything that reads them, follow from here. */
const kinds = { ...defining, ...occurrences };

type Kinds = typeof kinds;
type DataOf<Type extends ScheduleEventType> = Parameters<Kinds[Type]['evolve']>[1]['data'];

export type ScheduleEventType = keyof Kinds;

export type ScheduleEvent = {
  [Type in ScheduleEventType]: { readonly type: Type; readonly data: DataOf<Type> };
}[ScheduleEventType];

/** An event as the log has it: with the time it was recorded at and its revision in the stream. */
export type ScheduleFact = ScheduleEvent & Pick<FactOf<never>, 'at' | 'revision'>;

/** The same as the audit reads it. */
export type AuditedScheduleEvent = ScheduleEvent & Omit<AuditedOf<never>, 'type' | 'data'>;

export const scheduleEventTypes = Object.keys(kinds) as readonly ScheduleEventType[]; // a record has the keys of its type

export const isScheduleEventType = (type: string): type is ScheduleEventType =>
  Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const scheduleKindOf = (type: ScheduleEventType): ScheduleEventKind<object> & Checked =>
  kinds[type] as ScheduleEventKind<object> & Checked;
