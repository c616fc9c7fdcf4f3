import type { AuditedOf, AuditRule } from '../audit/audited-event';
import type { Instant } from '../time';
import { anything, type FieldCheck, type Fields } from './fields';
import type { Actor } from './metadata';

/** What the events of one kind of stream are folded into, by whom. */
export type Aggregate = {
  readonly state: unknown;
  /** What the audit remembers of a stream, and where that stands. */
  readonly trace: unknown;
  readonly status: string;
  /** What a sentence about an event may look at: the aggregate as the event found it. */
  readonly found: unknown;
};

export type FactOf<Data> = {
  readonly type: string;
  readonly data: Data;
  readonly at: Instant;
  readonly revision: bigint;
};

/** Everything about one type of event. All that reads events follows from it: a type that lacks a part does not compile. */
export type EventKind<Data, Of extends Aggregate> = {
  readonly fields: Fields<Data>;
  /** In which statuses it may happen. */
  readonly lawfulIn: readonly Of['status'][];
  /** @throws Error for a fact that no decision could have recorded: the stream is broken */
  readonly evolve: (state: Of['state'], fact: FactOf<Data>) => Of['state'];
  /** Moves the audit's trace on. It believes every event, also one that breaks a rule. */
  readonly trace: (trace: Of['trace'], event: AuditedOf<Data>) => void;
  /** What it promises beside coming at its revision and in a lawful status; told in this order. */
  readonly rules: readonly AuditRule<Of['trace'], Data>[];
  /** What it says to people, without capital and full stop. */
  readonly tell: (
    fact: FactOf<Data> & { readonly metadata: { readonly actor: Actor } },
    found: Of['found'],
  ) => string;
};

/** The fields that are looked at, as a list: millions of events are. */
export type Checked = { readonly checks: readonly (readonly [field: string, is: FieldCheck])[] };

export const checksOf = (fields: Readonly<Record<string, FieldCheck>>): Checked['checks'] =>
  Object.entries(fields).filter(([, is]) => is !== anything);

/** Name of the first field that is missing or of another kind; undefined when all are there. */
export const badFieldOf = (
  { checks }: Checked,
  data: Readonly<Record<string, unknown>>,
): string | undefined => {
  for (const [field, is] of checks) if (!is(data[field])) return field;
  return undefined;
};
