import { reject, type Rejected } from '../domain/decider';
import type { AppendOutcome, EventLog, ExpectedRevision } from '../domain/event-log';
import type { EventMetadata } from '../domain/events/metadata';
import type { Ids } from '../domain/ids';
import { toTimestamp, type Instant } from '../domain/time';
import type { CommandContext } from './answers';
import { takeKey } from './key-mark';
import { newEvents } from './new-events';

/**
 * The same for every try of one keyed request; fresh without a key.
 *
 * @param target  the id of what the command is about, or for what is new the name of the list that it comes into
 */
export const commandIdOf = (
  ids: Ids,
  target: string,
  { idempotency, actor }: CommandContext,
): string => (idempotency ? ids.derive('command', actor.id, target, idempotency.key) : ids.next());

/** What the events of a request tell of it. */
export const metadataOf = (
  subjectId: string,
  commandId: string,
  { correlationId, actor, traceparent, idempotency }: CommandContext,
  at: Instant,
): Omit<EventMetadata, 'schemaVersion'> => ({
  $correlationId: subjectId,
  $causationId: correlationId,
  commandId,
  actor,
  at: toTimestamp(at),
  ...(traceparent !== undefined && { traceparent }),
  ...(idempotency && { fingerprint: idempotency.fingerprint }),
});

type Requested = {
  readonly stream: string;
  /** The id of whose stream it is. */
  readonly subjectId: string;
  readonly commandId: string;
  readonly context: CommandContext;
  readonly expected: ExpectedRevision;
};

export type KeyReused = { readonly code: 'idempotency-key-reused' };

type Log = { readonly log: EventLog; readonly ids: Ids };
type Events = readonly { readonly type: string; readonly data: object }[];

/**
 * Appends what was decided for a request whose key is taken. Each call has event ids of its own: two requests with one
 * key race for the append, and the loser reads the winner's answer.
 *
 * @throws as `EventLog` does
 */
export const appendFor = (
  { log, ids }: Log,
  { stream, subjectId, commandId, context, expected }: Requested,
  events: Events,
  at: Instant,
): Promise<AppendOutcome> => {
  const seed = `${commandId}/${expected}/${ids.next()}`;
  const metadata = metadataOf(subjectId, commandId, context, at);
  return log.append(stream, newEvents(ids, events, seed, metadata), expected);
};

/** Takes the key of a request, then appends what was decided. @throws as `EventLog` does */
export const appendKeyed = async (
  deps: Log,
  request: Requested,
  events: Events,
  at: Instant,
): Promise<AppendOutcome | Rejected<KeyReused>> =>
  (await takeKey(deps, request, at))
    ? await appendFor(deps, request, events, at)
    : reject({ code: 'idempotency-key-reused' });
