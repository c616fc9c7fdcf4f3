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

export const readAllEvents = async (
  client: EventStoreDBClient,
  options: ReadAllOptions = {},
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const { event } of client.readAll(options)) {
    if (event) events.push(event);
  }
  return events;
};
