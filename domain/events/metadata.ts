import type { Timestamp } from '../time';

/** Who made a change: a person or program by its principal id, or one of our processes. */
export type Actor = {
  readonly kind: 'user' | 'operator' | 'executor' | 'system';
  readonly id: string;
};

/** What every stored event carries beside its data. `$correlationId` and `$causationId` are EventStoreDB's own names. */
export type EventMetadata = {
  readonly $correlationId: string;
  readonly $causationId: string;
  /** The command that decided the event; event ids derive from it, so a retried append is the same append. */
  readonly commandId: string;
  readonly actor: Actor;
  readonly at: Timestamp;
  readonly schemaVersion: number;
  /** W3C trace context, where the caller sent one. */
  readonly traceparent?: string;
  /** Digest of the request behind an Idempotency-Key: tells a repeat from a reuse. */
  readonly fingerprint?: string;
};
