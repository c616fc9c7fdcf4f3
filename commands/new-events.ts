import type { EventMetadata } from '../domain/events/metadata';
import { currentVersion } from '../domain/events/upcast';
import type { Ids } from '../domain/ids';
import type { NewEvent } from '../domain/event-log';

/**
 * Decided events as the log takes them. Ids derive from `idSeed` and the place in the list: appending
 * the same decision again is the same append.
 */
export const newEvents = (
  ids: Ids,
  events: readonly { readonly type: string; readonly data: object }[],
  idSeed: string,
  metadata: Omit<EventMetadata, 'schemaVersion'>,
): readonly NewEvent[] =>
  events.map(({ type, data }, index) => ({
    id: ids.derive('event', idSeed, String(index)),
    type,
    data,
    metadata: { ...metadata, schemaVersion: currentVersion(type) },
  }));
