import { randomUUID } from 'node:crypto';
import type { EventLog, NewEvent, NewestEvents } from '../../domain/event-log';
import type { Feed } from '../../projections/reading/feed';
import { newEvent } from '../support/new-event';

export type OpenEventLog = {
  readonly log: EventLog & NewestEvents;
  /** Shows streams that begin with `job-`, with a checkpoint after every 20 others. */
  readonly feed: Feed;
  readonly close: () => Promise<void>;
};

/** Streams passed over between two checkpoints of the feed under test. */
export const SEARCH_WINDOW = 20;

export const jobStream = (): string => `job-${randomUUID()}`;

export const newEvents = (count: number): readonly NewEvent[] =>
  Array.from({ length: count }, (_, n) => newEvent({ n }));

/** Appends, where a conflict would be a mistake of the test. */
export const appendTo =
  (log: () => EventLog) =>
  async (...request: Parameters<EventLog['append']>) => {
    const outcome = await log().append(...request);
    if (outcome.outcome === 'conflict') throw new Error('the append was refused');
    return outcome;
  };

export const idsOf = (events: readonly { readonly id: string }[]): readonly string[] =>
  events.map(({ id }) => id);
