import { type AuditedEvent } from '../../domain/audit/audited-event';
import { badFieldOf } from '../../domain/job/stored-event';
import { exactInstant } from '../../domain/events/fields';
import { isJobEventType } from '../../domain/job/events';
import type { EventPlace } from '../../domain/audit/violation';
import { MAX_LEVELS } from '../../domain/events/catalog';
import { currentVersion, upcast, type EventData } from '../../domain/events/upcast';
import { isWithinLevels } from '../../domain/json/levels';
import { envelope, usualEnvelope, type Envelope } from '../reading/envelope';
import { jsonOf, textOf, type StoredBytes } from '../reading/log-scan';

/** A stored event as the audit takes it, or why it cannot be read. */
export type StoredFact =
  | { readonly kind: 'event'; readonly event: AuditedEvent }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What is verified would not be what was written: nothing can be said about this log by this build. */
export class NewerEventVersion extends Error {
  override readonly name = 'NewerEventVersion';

  constructor({ stream, revision, position, type }: EventPlace, version: number) {
    super(
      `${type} at revision ${revision} of ${stream}, position ${position}, has schema version ${version}; ` +
        `this build knows ${currentVersion(type)}: verify with a newer build`,
    );
  }
}

const isObject = (value: unknown): value is EventData =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Undefined when the metadata does not tell. */
export const envelopeOf = (text: string): Envelope | undefined => {
  const usual = usualEnvelope(text);
  if (usual) return usual;
  const metadata = parsed(text);
  return isObject(metadata) ? envelope(metadata['at'], metadata['schemaVersion']) : undefined;
};

const unreadable = (why: string): StoredFact => ({ kind: 'unreadable', why });

type Parts = Pick<StoredBytes, 'type' | 'stream' | 'revision' | 'position'>;

/** @throws NewerEventVersion */
const factOf = (parts: Parts, data: unknown, written: Envelope | undefined): StoredFact => {
  const { type } = parts;
  if (!isJobEventType(type)) return unreadable(`${type} is no event of a job`);
  if (!written || written.version < 1)
    return unreadable(`the metadata of ${type} tells no time or no schema version`);
  if (written.version > currentVersion(type)) throw new NewerEventVersion(parts, written.version);
  if (!isObject(data)) return unreadable(`the data of ${type} is no JSON object`);
  if (!isWithinLevels(data, MAX_LEVELS))
    return unreadable(`the data of ${type} is nested deeper than ${MAX_LEVELS} levels`);
  const fields = upcast(type, written.version, data);
  const bad = badFieldOf(type, fields);
  if (bad !== undefined) return unreadable(`${type} has no ${bad} that makes sense`);
  const event = {
    type,
    data: fields,
    at: written.at,
    revision: Number(parts.revision),
    position: Number(parts.position),
    dueAt: exactInstant(fields['dueAt'] ?? fields['retryAt']),
  };
  return { kind: 'event', event: event as AuditedEvent }; // its fields have just been looked at
};

/** Reads an event from its stored bytes. @throws NewerEventVersion */
export const storedFact = (stored: StoredBytes): StoredFact => {
  const metadata = textOf(stored.metadata);
  return factOf(
    stored,
    jsonOf(stored.data),
    metadata === undefined ? undefined : envelopeOf(metadata),
  );
};

/** Reads an event that a stream gave, its JSON parsed already. @throws NewerEventVersion */
export const recordedFact = (
  recorded: Parts & { readonly data: unknown; readonly metadata: unknown },
) =>
  factOf(
    recorded,
    recorded.data,
    isObject(recorded.metadata)
      ? envelope(recorded.metadata['at'], recorded.metadata['schemaVersion'])
      : undefined,
  );
