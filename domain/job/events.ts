import type { AuditedOf } from '../audit/audited-event';
import type { Checked, FactOf } from '../events/kind';
import { attempt } from './event-kinds/attempt';
import { dispatch } from './event-kinds/dispatch';
import { failure } from './event-kinds/failure';
import type { JobEventKind } from './event-kinds/kind';
import { planning } from './event-kinds/planning';

/** All events of a job; their types, and everything that reads them, follow from here. */
const kinds = { ...planning, ...dispatch, ...attempt, ...failure };

type Kinds = typeof kinds;
type DataOf<Type extends JobEventType> = Parameters<Kinds[Type]['evolve']>[1]['data'];

export type JobEventType = keyof Kinds;

export type JobEvent = {
  [Type in JobEventType]: { readonly type: Type; readonly data: DataOf<Type> };
}[JobEventType];

/** An event as the log has it: with the time it was recorded at and its revision in the stream. */
export type JobFact = JobEvent & Pick<FactOf<never>, 'at' | 'revision'>;

/** The same as the audit reads it. */
export type AuditedJobEvent = JobEvent & Omit<AuditedOf<never>, 'type' | 'data'>;

export const jobEventTypes = Object.keys(kinds) as readonly JobEventType[]; // a record has the keys of its type

export const isJobEventType = (type: string): type is JobEventType => Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const kindOf = (type: JobEventType): JobEventKind<object> & Checked =>
  kinds[type] as JobEventKind<object> & Checked;
