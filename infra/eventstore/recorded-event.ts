import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { RecordedEvent } from '../../commands/ports';

/**
 * The client's event as our port has it; undefined for a link whose event is gone.
 *
 * @throws TypeError  when the server tells no position (EventStoreDB before 22.6)
 */
export const toRecordedEvent = (
  resolved: ResolvedEvent | AllStreamResolvedEvent,
): RecordedEvent | undefined => {
  const { event, commitPosition } = resolved;
  if (!event) return undefined;
  const position = commitPosition ?? event.position?.commit;
  const prepare = event.position?.prepare;
  if (position === undefined)
    throw new TypeError('the event store tells no positions: it is too old');
  return {
    id: event.id,
    stream: event.streamId,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
    revision: event.revision,
    position,
    ...(prepare !== undefined && prepare !== position && { prepare }),
  };
};
