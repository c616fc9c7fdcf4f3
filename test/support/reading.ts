import type {
  EventStoreDBClient,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
} from '@eventstore/db-client';

export const readStreamEvents = async (
  client: EventStoreDBClient,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const { event } of client.readStream(stream, options)) if (event) events.push(event);
  return events;
};

/** Whether each is larger than the one before: all that may be relied on of positions. */
export const isRising = (positions: readonly (bigint | undefined)[]): boolean =>
  positions.every((position, i) => i === 0 || (position ?? 0n) > (positions[i - 1] ?? 0n));

/** What a server writes by itself; the metadata of other streams is not meant. */
export const isServersOwn = (stream: string): boolean => /^\$(?!\$[^$])/.test(stream);

/** The log without what the server writes by itself. */
export const readAllEvents = async (
  client: EventStoreDBClient,
  options: ReadAllOptions = {},
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const { event } of client.readAll(options)) {
    if (event && !isServersOwn(event.streamId)) events.push(event);
  }
  return events;
};
