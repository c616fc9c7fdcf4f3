import type { Checked } from '../events/kind';
import type { Audited, EventOf, Recorded } from '../events/kinds';
import { attempt } from './event-kinds/attempt';
import { dispatch } from './event-kinds/dispatch';
import { failure } from './event-kinds/failure';
import type { JobEventKind } from './event-kinds/kind';
import { planning } from './event-kinds/planning';

/** All events of a job; their types, and everything that reads them, follow from here. */
const kinds = { ...planning, ...dispatch, ...attempt, ...failure };

type Kinds = typeof kinds;

export type JobEventType = keyof Kinds;

export type JobEvent = EventOf<Kinds>;

export type JobFact = Recorded<JobEvent>;
export type AuditedJobEvent = Audited<JobEvent>;

export const jobEventTypes = Object.keys(kinds) as readonly JobEventType[]; // a record has the keys of its type

export const isJobEventType = (type: string): type is JobEventType => Object.hasOwn(kinds, type);

/** What there is to know of a type. Its parts take the data of that very type: hand them nothing else. */
export const kindOf = (type: JobEventType): JobEventKind<object> & Checked =>
  kinds[type] as JobEventKind<object> & Checked;
