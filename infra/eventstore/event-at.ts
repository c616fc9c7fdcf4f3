import type { EventStoreDBClient } from '@eventstore/db-client';
import { EventLogUnavailable } from '../../domain/event-log';
import type { EventAt, LogPlace } from '../../projections/reading/log-place';
import { within } from '../within';
import { readOneFrom, type LogPosition } from './lossless-events';

/** As the server wants a place back. */
export const bothNumbers = (place: bigint | LogPlace): LogPosition => {
  if (typeof place === 'bigint') return { commit: place, prepare: place };
  const { position, prepare = position } = place;
  return { commit: position, prepare };
};

/** What a server says of a position that none of its records has. */
const isNoPlace = (error: unknown): boolean =>
  error instanceof Error && /Unexpected Read(All)?Result/i.test(error.message);

const ANSWER_MS = 5_000;

/** Looks at single places of a log. @throws EventLogUnavailable */
export const eventStoreEventAt =
  (client: EventStoreDBClient): EventAt =>
  async (place) => {
    try {
      const found = await within(readOneFrom(client, bothNumbers(place)), ANSWER_MS);
      if (!found) return undefined;
      const { commit: position, prepare } = found.position;
      return { position, ...(prepare !== position && { prepare }), eventId: found.id };
    } catch (error) {
      if (isNoPlace(error)) return undefined;
      throw new EventLogUnavailable('the log cannot be looked at', { cause: error });
    }
  };
