import type { Instant } from '../time';

/** An event as the audit reads it: its fields are of the types that they claim to be, whatever they say. */
export type AuditedOf<Data> = {
  readonly type: string;
  readonly data: Data;
  /** When it was recorded. */
  readonly at: Instant;
  readonly revision: number;
  readonly position: number;
  /** Its `dueAt`, or `retryAt` of a failed attempt; NaN when it has none. */
  readonly dueAt: Instant;
};

/** A promise that one event, in a stream as it stood before, keeps or breaks. docs/audit.md explains each. */
export type AuditRule<Trace, Data> = {
  readonly name: string;
  /** @returns what is wrong, as a sentence; undefined when nothing is */
  readonly breach: (trace: Readonly<Trace>, event: AuditedOf<Data>) => string | undefined;
};
