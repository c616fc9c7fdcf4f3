import { type StoredEvent } from '../../domain/events/catalog';
import { decodeJobEvent } from '../../domain/job/stored-event';
import type { JobFact } from '../../domain/job/events';
import type { Timestamp } from '../../domain/time';
import { usualEnvelope } from '../reading/envelope';
import { jsonOf, recordedEvent, textOf, type StoredBytes } from '../reading/log-scan';

/** A job's event with its place in the log, and its time as it was written: so it goes into the database. */
export type PlacedFact = JobFact & { readonly position: bigint; readonly recordedAt: Timestamp };

/** @throws as `decodeJobEvent` */
export const placedFact = (event: StoredEvent & { readonly position: bigint }): PlacedFact => {
  const { type, data, at, revision, metadata } = decodeJobEvent(event);
  const { position } = event;
  // type and data come from one fact
  return { type, data, at, revision, position, recordedAt: metadata.at } as PlacedFact;
};

/** The same, from the bytes: usual metadata are not parsed. @throws as `decodeJobEvent` */
export const storedPlacedFact = (stored: StoredBytes): PlacedFact => {
  const text = textOf(stored.metadata);
  // Stryker disable next-line ConditionalExpression,EqualityOperator: the usual way says what the other one says, sooner
  const usual = text === undefined ? undefined : usualEnvelope(text);
  // Stryker disable next-line ConditionalExpression: the same
  if (!usual) return placedFact(recordedEvent(stored));
  const { type, revision, position, data } = stored;
  const metadata = { at: usual.recordedAt, schemaVersion: usual.version };
  return placedFact({ type, revision, position, data: jsonOf(data), metadata });
};
