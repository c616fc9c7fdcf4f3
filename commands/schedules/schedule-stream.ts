import type { EventLog, RecordedEvent } from '../../domain/event-log';
import type { EventMetadata } from '../../domain/events/metadata';
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

/** The stream of a schedule has an event that makes no sense, or begins too late: nothing can be decided of it. */
export class ScheduleUnreadable extends Error {
  override readonly name = 'ScheduleUnreadable';
}

const factOf = (event: RecordedEvent): StoredScheduleFact => {
  try {
    return decodeScheduleEvent(event);
  } catch (cause) {
    if (cause instanceof EventTooNew) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ScheduleUnreadable(`${event.stream} cannot be read: ${why}`, { cause });
  }
};

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
  const events = await log.read(scheduleStream(scheduleId), from);
  let state: ScheduleState = before ?? decider.initial;
  let position: bigint | undefined;
  for (const event of events) {
    if (event.revision < from || isTombstone(event.type)) continue;
    state = decider.evolve(state, factOf(event));
    position = event.position;
  }
  return { state, ...(position !== undefined && { position }) };
};

/** How far back a repeated request is looked for. */
const REMEMBERED_EVENTS = 1_000n;

/** Metadata of the event that a command recorded before; undefined when there is none among its latest events. */
export const recordedBy = async (
  log: EventLog,
  scheduleId: string,
  { state }: LoadedSchedule,
  commandId: string,
): Promise<{ readonly metadata: EventMetadata; readonly position: bigint } | undefined> => {
  if (state.status === 'none') return undefined;
  const from = state.revision > REMEMBERED_EVENTS ? state.revision - REMEMBERED_EVENTS : 0n;
  const events = await log.read(scheduleStream(scheduleId), from);
  const found = events.findLast(
    ({ metadata }) => (metadata as Partial<EventMetadata>).commandId === commandId,
  );
  return found && { metadata: factOf(found).metadata, position: found.position };
};
