import { StreamGone, type EventLog, type RecordedEvent } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { EventTooNew } from '../../domain/events/upcast';
import { isTombstone, operationStream } from '../../domain/ids';
import { operation as decider } from '../../domain/operation/decide';
import type { KnownOperations } from '../../domain/operation/known-operations';
import type { OperationFact } from '../../domain/operation/events';
import type { OperationState } from '../../domain/operation/state';
import { decodeOperationEvent } from '../../domain/operation/stored-event';

export type LoadedOperation = {
  readonly state: OperationState;
  /** Of its last event; undefined when that was not read. */
  readonly position?: bigint;
};

/** The stream of an operation has an event that makes no sense, begins too late or is gone: nothing can be decided of it. */
export class OperationUnreadable extends Error {
  override readonly name = 'OperationUnreadable';
  /** Whose operation it is, as far as that is known. */
  readonly ownerId: string | undefined;

  constructor(operationId: string, ownerId: string | undefined, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`operation ${operationId} cannot be read: ${why}`, { cause });
    this.ownerId = ownerId;
  }
}

const ownerOf = (state: OperationState): string | undefined =>
  state.status === 'none' ? undefined : state.definition.ownerId;

export type LoadedOperationFact = OperationFact & { readonly position: bigint };

/** What `tell` makes of an operation's events. @throws OperationUnreadable when these are to blame, EventTooNew when this build is */
const readably = <T>(operationId: string, ownerId: string | undefined, tell: () => T): T => {
  try {
    return tell();
  } catch (cause) {
    if (cause instanceof EventTooNew) throw cause;
    throw new OperationUnreadable(operationId, ownerId, cause);
  }
};

const eventsFrom = async (
  log: Pick<EventLog, 'read'>,
  operationId: string,
  ownerId: string | undefined,
  from: bigint,
  limit?: number,
): Promise<readonly RecordedEvent[]> => {
  try {
    const events = await log.read(operationStream(operationId), from, limit);
    return events.filter(({ revision, type }) => revision >= from && !isTombstone(type));
  } catch (error) {
    throw error instanceof StreamGone
      ? new OperationUnreadable(operationId, ownerId, error)
      : error;
  }
};

/** Events of an operation as recorded, from a revision on. @throws EventLogUnavailable, EventTooNew, OperationUnreadable */
export const readFacts = async (
  log: Pick<EventLog, 'read'>,
  operationId: string,
  ownerId: string | undefined,
  from: bigint,
  limit: number,
): Promise<readonly LoadedOperationFact[]> =>
  (await eventsFrom(log, operationId, ownerId, from, limit)).map((event) => ({
    ...readably(operationId, ownerId, () => decodeOperationEvent(event)),
    position: event.position,
  }));

/**
 * An operation as its stream has it: from what is known of it and the events since then, for the streams of large ones
 * are long.
 *
 * @throws EventLogUnavailable, EventTooNew, OperationUnreadable
 */
export const loadOperation = async (
  log: EventLog,
  known: KnownOperations,
  operationId: string,
): Promise<LoadedOperation> => {
  const before = await known.find(operationId);
  const from = before ? before.revision + 1n : 0n;
  let state: OperationState = before ?? decider.initial;
  let position: bigint | undefined;
  for (const event of await eventsFrom(log, operationId, ownerOf(state), from)) {
    const found = state;
    state = readably(operationId, ownerOf(found), () =>
      decider.evolve(found, decodeOperationEvent(event)),
    );
    position = event.position;
  }
  return { state, ...(position !== undefined && { position }) };
};

export const isForeignTo = ({ kind, id }: Actor, ownerId: string | undefined): boolean =>
  kind !== 'operator' && ownerId !== id;

/** The same for somebody who asks: of what is not theirs they do not even learn that it cannot be read. */
export const loadOperationFor = async (
  log: EventLog,
  known: KnownOperations,
  operationId: string,
  actor: Actor,
): Promise<LoadedOperation> => {
  try {
    const loaded = await loadOperation(log, known, operationId);
    return isForeignTo(actor, ownerOf(loaded.state)) ? { state: decider.initial } : loaded;
  } catch (error) {
    if (error instanceof OperationUnreadable && isForeignTo(actor, error.ownerId))
      return { state: decider.initial };
    throw error;
  }
};
