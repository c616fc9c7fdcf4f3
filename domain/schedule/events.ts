import type { Checked } from '../events/kind';
import type { Audited, EventOf, Recorded } from '../events/kinds';
import { defining } from './event-kinds/definition';
import type { ScheduleEventKind } from './event-kinds/kind';
import { occurrences } from './event-kinds/occurrences';

/** All events of a schedule; their types, and everything that reads them, follow from here. */
const kinds = { ...defining, ...occurrences };

type Kinds = typeof kinds;

export type ScheduleEventType = keyof Kinds;

export type ScheduleEvent = EventOf<Kinds>;

export type ScheduleFact = Recorded<ScheduleEvent>;
export type AuditedScheduleEvent = Audited<ScheduleEvent>;

export const scheduleEventTypes = Object.keys(kinds) as readonly ScheduleEventType[]; // a record has the keys of its type

export const isScheduleEventType = (type: string): type is ScheduleEventType =>
  Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const scheduleKindOf = (type: ScheduleEventType): ScheduleEventKind<object> & Checked =>
  kinds[type] as ScheduleEventKind<object> & Checked;
