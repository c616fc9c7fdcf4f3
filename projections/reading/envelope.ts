import { exactInstant } from '../../domain/events/fields';
import type { Instant, Timestamp } from '../../domain/time';

/** When and in which shape an event was written. */
export type Envelope = {
  readonly at: Instant;
  /** The same, as it was written. */
  readonly recordedAt: Timestamp;
  readonly version: number;
};

const PLAIN = String.raw`"[^"\\\x00-\x1f]*"`;
/**
 * Metadata as this product has always written it, whole, so that no key can come twice: four times as fast
 * as JSON.parse. Anything else is read the usual way.
 */
const WRITTEN = new RegExp(
  String.raw`^\{"\$correlationId":${PLAIN},"\$causationId":${PLAIN},"commandId":${PLAIN},` +
    String.raw`"actor":\{"kind":${PLAIN},"id":${PLAIN}\},"at":"([^"\\\x00-\x1f]*)"` +
    String.raw`(?:,"(?:traceparent|fingerprint)":${PLAIN}){0,2},"schemaVersion":([1-9]\d{0,8})\}$`,
);

/** Undefined for values that are no time and no version. */
export const envelope = (at: unknown, version: unknown): Envelope | undefined => {
  const instant = exactInstant(at);
  // Stryker disable next-line ConditionalExpression: what is no text is no time, the compiler wants it said
  if (typeof at !== 'string') return undefined;
  return typeof version === 'number' && !Number.isNaN(instant)
    ? { at: instant, recordedAt: at, version }
    : undefined;
};

/** Undefined for metadata in any other than the usual form, which may still be good. */
// Stryker disable next-line BlockStatement: without it all is read the other way, and later
export const usualEnvelope = (metadata: string): Envelope | undefined => {
  const written = WRITTEN.exec(metadata);
  return written ? envelope(written[1], Number(written[2])) : undefined;
};
