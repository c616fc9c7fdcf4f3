import type { AuditedOf } from '../audit/audited-event';
import type { FactOf } from './kind';

/** All types of event of one aggregate, each with its kind. */
type Kinds = Readonly<Record<string, { readonly evolve: (state: never, fact: never) => unknown }>>;

type DataOf<Kind extends Kinds[string]> = Parameters<Kind['evolve']>[1] extends {
  readonly data: infer Data;
}
  ? Data
  : never;

/** An event as it is decided. */
export type EventOf<Of extends Kinds> = {
  [Type in keyof Of & string]: { readonly type: Type; readonly data: DataOf<Of[Type]> };
}[keyof Of & string];

/** An event as the log has it: with the time it was recorded at and its revision in the stream. */
export type Recorded<Event> = Event & Pick<FactOf<never>, 'at' | 'revision'>;

/** The same as the audit reads it. */
export type Audited<Event> = Event & Omit<AuditedOf<never>, 'type' | 'data'>;
