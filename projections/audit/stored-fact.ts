import type { AuditedOf } from '../../domain/audit/audited-event';
import type { EventPlace } from '../../domain/audit/violation';
import { MAX_LEVELS } from '../../domain/events/catalog';
import { exactInstant } from '../../domain/events/fields';
import { badFieldOf, type Checked } from '../../domain/events/kind';
import { currentVersion, upcast, type EventData } from '../../domain/events/upcast';
import {
  isOperationEventType,
  operationKindOf,
  type AuditedOperationEvent,
} from '../../domain/operation/events';
import { isJobEventType, kindOf, type AuditedJobEvent } from '../../domain/job/events';
import {
  isScheduleEventType,
  scheduleKindOf,
  type AuditedScheduleEvent,
} from '../../domain/schedule/events';
import {
  isWebhookLogType,
  webhookKindOf,
  type AuditedWebhookEvent,
} from '../../domain/webhook/events';
import { isWithinLevels } from '../../domain/json/levels';
import { envelope, usualEnvelope, type Envelope } from '../reading/envelope';
import { jsonOf, textOf, type StoredBytes } from '../reading/log-scan';

/** A stored event as the audit takes it, or why it cannot be read. */
export type StoredFact<Event = AuditedJobEvent> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The types of events that one kind of stream has. */
export type EventKinds<Event extends AuditedOf<object>> = {
  readonly whose: string;
  /** What there is to know of a type; undefined for one of no such stream. */
  readonly find: (type: string) => Checked | undefined;
  /** After its fields have been looked at. */
  readonly as: (event: AuditedOf<object>) => Event;
};

export const jobKinds: EventKinds<AuditedJobEvent> = {
  whose: 'a job',
  find: (type) => (isJobEventType(type) ? kindOf(type) : undefined),
  as: (event) => event as AuditedJobEvent,
};

export const scheduleKinds: EventKinds<AuditedScheduleEvent> = {
  whose: 'a schedule',
  find: (type) => (isScheduleEventType(type) ? scheduleKindOf(type) : undefined),
  as: (event) => event as AuditedScheduleEvent,
};

export const operationKinds: EventKinds<AuditedOperationEvent> = {
  whose: 'an operation',
  find: (type) => (isOperationEventType(type) ? operationKindOf(type) : undefined),
  as: (event) => event as AuditedOperationEvent,
};

export const webhookKinds: EventKinds<AuditedWebhookEvent> = {
  whose: 'a webhook',
  find: (type) => (isWebhookLogType(type) ? webhookKindOf(type) : undefined),
  as: (event) => event as AuditedWebhookEvent,
};

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
    // Stryker disable next-line BlockStatement: nothing given back is undefined
  } catch {
    return undefined;
  }
};

/** Undefined when the metadata does not tell. */
export const envelopeOf = (text: string): Envelope | undefined => {
  const usual = usualEnvelope(text);
  // Stryker disable next-line ConditionalExpression: the other way says the same, later
  if (usual) return usual;
  const metadata = parsed(text);
  return isObject(metadata) ? envelope(metadata['at'], metadata['schemaVersion']) : undefined;
};

const unreadable = (why: string): StoredFact<never> => ({ kind: 'unreadable', why });

type Parts = Pick<StoredBytes, 'type' | 'stream' | 'revision' | 'position'>;

/** @throws NewerEventVersion */
const factOf = <Event extends AuditedOf<object>>(
  kinds: EventKinds<Event>,
  parts: Parts,
  data: unknown,
  written: Envelope | undefined,
): StoredFact<Event> => {
  const { type } = parts;
  const kind = kinds.find(type);
  if (!kind) return unreadable(`${type} is no event of ${kinds.whose}`);
  if (!written || written.version < 1)
    return unreadable(`the metadata of ${type} tells no time or no schema version`);
  if (written.version > currentVersion(type)) throw new NewerEventVersion(parts, written.version);
  if (!isObject(data)) return unreadable(`the data of ${type} is no JSON object`);
  if (!isWithinLevels(data, MAX_LEVELS))
    return unreadable(`the data of ${type} is nested deeper than ${MAX_LEVELS} levels`);
  const fields = upcast(type, written.version, data);
  const bad = badFieldOf(kind, fields);
  if (bad !== undefined) return unreadable(`${type} has no ${bad} that makes sense`);
  const event = {
    type,
    data: fields,
    at: written.at,
    revision: Number(parts.revision),
    position: Number(parts.position),
    dueAt: exactInstant(fields['dueAt'] ?? fields['retryAt']),
  };
  return { kind: 'event', event: kinds.as(event) };
};

/** Reads an event from its stored bytes. @throws NewerEventVersion */
export const storedFact = <Event extends AuditedOf<object>>(
  kinds: EventKinds<Event>,
  stored: StoredBytes,
): StoredFact<Event> => {
  const metadata = textOf(stored.metadata);
  return factOf(
    kinds,
    stored,
    jsonOf(stored.data),
    // Stryker disable next-line ConditionalExpression: what is no text is no JSON, the compiler wants it said
    metadata === undefined ? undefined : envelopeOf(metadata),
  );
};

/** Reads an event that a stream gave, its JSON parsed already. @throws NewerEventVersion */
export const recordedFact = <Event extends AuditedOf<object>>(
  kinds: EventKinds<Event>,
  recorded: Parts & { readonly data: unknown; readonly metadata: unknown },
): StoredFact<Event> =>
  factOf(
    kinds,
    recorded,
    recorded.data,
    isObject(recorded.metadata)
      ? envelope(recorded.metadata['at'], recorded.metadata['schemaVersion'])
      : undefined,
  );
