import { StreamGone, type EventLog } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { EventTooNew } from '../../domain/events/upcast';
import { isTombstone, scheduleStream } from '../../domain/ids';
import { schedule as decider } from '../../domain/schedule/decide';
import type { KnownSchedules } from '../../domain/schedule/known-schedules';
import type { ScheduleState } from '../../domain/schedule/state';
import { decodeScheduleEvent, type StoredScheduleFact } from '../../domain/schedule/stored-event';

export type LoadedSchedule = {
  readonly state: ScheduleState;
  /** Of its last event; undefined when that was not read. */
  readonly position?: bigint;
};

/** The stream of a schedule has an event that makes no sense, begins too late or is gone: nothing can be decided of it. */
export class ScheduleUnreadable extends Error {
  override readonly name = 'ScheduleUnreadable';
  /** Whose schedule it is, as far as that is known. */
  readonly ownerId: string | undefined;

  constructor(scheduleId: string, ownerId: string | undefined, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`schedule ${scheduleId} cannot be read: ${why}`, { cause });
    this.ownerId = ownerId;
  }
}

export type LoadedScheduleFact = StoredScheduleFact & { readonly position: bigint };

/** What `tell` makes of a schedule's events. @throws ScheduleUnreadable when these are to blame, EventTooNew when this build is */
const readably = <T>(scheduleId: string, ownerId: string | undefined, tell: () => T): T => {
  try {
    return tell();
  } catch (cause) {
    if (cause instanceof EventTooNew) throw cause;
    throw new ScheduleUnreadable(scheduleId, ownerId, cause);
  }
};

const unlessGone = async <T>(
  scheduleId: string,
  ownerId: string | undefined,
  call: Promise<T>,
): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw error instanceof StreamGone ? new ScheduleUnreadable(scheduleId, ownerId, error) : error;
  }
};

/** Events of a schedule as recorded, from a revision on. @throws EventLogUnavailable, EventTooNew, ScheduleUnreadable */
export const readFacts = async (
  log: EventLog,
  scheduleId: string,
  ownerId: string | undefined,
  from: bigint,
  limit?: number,
): Promise<readonly LoadedScheduleFact[]> => {
  const read = log.read(scheduleStream(scheduleId), from, limit);
  const events = await unlessGone(scheduleId, ownerId, read);
  return events
    .filter(({ revision, type }) => revision >= from && !isTombstone(type))
    .map((event) => ({
      ...readably(scheduleId, ownerId, () => decodeScheduleEvent(event)),
      position: event.position,
    }));
};

const ownerOf = (state: ScheduleState): string | undefined =>
  state.status === 'none' ? undefined : state.definition.ownerId;

/**
 * A schedule as its stream has it: from what is known of it and the events since then, for the streams of old ones
 * are long.
 *
 * @throws EventLogUnavailable, EventTooNew, ScheduleUnreadable
 */
export const loadSchedule = async (
  log: EventLog,
  known: KnownSchedules,
  scheduleId: string,
): Promise<LoadedSchedule> => {
  const before = await known.find(scheduleId);
  const from = before ? before.revision + 1n : 0n;
  let state: ScheduleState = before ?? decider.initial;
  let position: bigint | undefined;
  const read = log.read(scheduleStream(scheduleId), from);
  for (const event of await unlessGone(scheduleId, ownerOf(state), read)) {
    if (event.revision < from || isTombstone(event.type)) continue;
    const found = state;
    state = readably(scheduleId, ownerOf(found), () =>
      decider.evolve(found, decodeScheduleEvent(event)),
    );
    position = event.position;
  }
  return { state, ...(position !== undefined && { position }) };
};

export const isForeignTo = ({ kind, id }: Actor, ownerId: string | undefined): boolean =>
  kind !== 'operator' && ownerId !== id;

/** The same for somebody who asks: of what is not theirs they do not even learn that it cannot be read. */
export const loadScheduleFor = async (
  log: EventLog,
  known: KnownSchedules,
  scheduleId: string,
  actor: Actor,
): Promise<LoadedSchedule> => {
  try {
    const loaded = await loadSchedule(log, known, scheduleId);
    return isForeignTo(actor, ownerOf(loaded.state)) ? { state: decider.initial } : loaded;
  } catch (error) {
    if (error instanceof ScheduleUnreadable && isForeignTo(actor, error.ownerId))
      return { state: decider.initial };
    throw error;
  }
};
