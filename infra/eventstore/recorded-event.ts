import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { RecordedEvent } from '../../domain/event-log';
import type { StreamNames } from './stream-names';

type Resolved = ResolvedEvent | AllStreamResolvedEvent;

/** @throws TypeError  when the server tells no position (EventStoreDB before 22.6) */
export const positionIn = ({ event, commitPosition }: Resolved): bigint => {
  const position = commitPosition ?? event?.position?.commit;
  if (position === undefined)
    throw new TypeError('the event store tells no positions: it is too old');
  return position;
};

/**
 * The client's event as our port has it; undefined for a link whose event is gone, and for another system's.
 *
 * @throws TypeError  as `positionIn`
 */
export const toRecordedEvent = (
  resolved: Resolved,
  names: StreamNames,
): RecordedEvent | undefined => {
  const { event } = resolved;
  const stream = event && names.own(event.streamId);
  if (!event || stream === undefined) return undefined;
  const position = positionIn(resolved);
  const prepare = event.position?.prepare;
  return {
    id: event.id,
    stream,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
    revision: event.revision,
    position,
    ...(prepare !== undefined && prepare !== position && { prepare }),
  };
};
