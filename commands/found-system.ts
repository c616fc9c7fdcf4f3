import { readSystemEvent, SYSTEM_STREAM, type SystemEvent } from '../domain/system/events';
import { toTimestamp } from '../domain/time';
import type { HandleDeps } from './handle';
import { newEvents } from './new-events';
import type { EventLog } from '../domain/event-log';

/** The stream that names the system holds something else. */
export class SystemUnreadable extends Error {
  override readonly name = 'SystemUnreadable';
}

/**
 * The system that a log is of; undefined for one that names none: nobody has started on it yet, or only builds that
 * knew nothing of this.
 *
 * @throws SystemUnreadable, EventTooNew, EventLogUnavailable
 */
export const systemOf = async ({ read }: Pick<EventLog, 'read'>): Promise<string | undefined> => {
  const [first] = await read(SYSTEM_STREAM);
  if (!first) return undefined;
  const event = readSystemEvent(first);
  if (!event)
    throw new SystemUnreadable(`${SYSTEM_STREAM}@${first.revision} is none that names a system`);
  return event.data.systemId;
};

/**
 * Gives a log its system, unless it has one: of any number that do so at once one writes, and all get its id.
 *
 * @throws as `systemOf`, and AppendOutcomeUnknown: the same again tells
 */
export const foundSystem = async ({ log, clock, ids }: HandleDeps): Promise<string> => {
  const known = await systemOf(log);
  if (known !== undefined) return known;
  const [systemId, commandId] = [ids.next(), ids.next()];
  const founded: SystemEvent = { type: 'SystemFounded', data: { systemId } };
  const metadata = {
    $correlationId: SYSTEM_STREAM,
    $causationId: commandId,
    commandId,
    actor: { kind: 'system', id: 'start' },
    at: toTimestamp(clock.now()),
  } as const;
  await log.append(SYSTEM_STREAM, newEvents(ids, [founded], commandId, metadata), 'no-stream');
  const written = await systemOf(log);
  if (written === undefined) throw new SystemUnreadable(`${SYSTEM_STREAM} was deleted meanwhile`);
  return written;
};
