import {
  BACKWARDS,
  END,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Position,
  type ReadAllOptions,
  type ReadPosition,
  type ReadStreamOptions,
  type RecordedEvent,
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

const pageOf = async (
  client: EventStoreDBClient,
  options: ReadAllOptions,
): Promise<readonly AllStreamResolvedEvent[]> => {
  const page: AllStreamResolvedEvent[] = [];
  for await (const resolved of client.readAll(options)) page.push(resolved);
  return page;
};

const positionOf = ({ event, link }: AllStreamResolvedEvent): Position => {
  const position = (link ?? event)?.position;
  if (!position) throw new Error('what is read has a position');
  return position;
};

/** @throws Error for a log without an event; a fresh one has that of the server itself */
export const newestPosition = async (client: EventStoreDBClient): Promise<Position> => {
  const options = { direction: BACKWARDS, fromPosition: END, maxCount: 1 } as const;
  const [newest] = await pageOf(client, options);
  if (!newest) throw new Error('the log is empty');
  return positionOf(newest);
};

/** The log from its end back to a position, in pages, for a read that is left early is never closed; newest first. */
export const readBackTo = async (
  client: EventStoreDBClient,
  start: Position,
  options: Pick<ReadAllOptions, 'resolveLinkTos'> = {},
): Promise<readonly AllStreamResolvedEvent[]> => {
  const read: AllStreamResolvedEvent[] = [];
  for (let fromPosition: ReadPosition = END; ;) {
    const range = { direction: BACKWARDS, fromPosition, maxCount: 500 } as const;
    const page = await pageOf(client, { ...options, ...range });
    const newer = page.filter((resolved) => positionOf(resolved).commit > start.commit);
    read.push(...newer);
    const last = newer.at(-1);
    if (!last || newer.length < page.length) return read;
    fromPosition = positionOf(last);
  }
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

/** What has come to the log since the store was opened, of the streams that are one's own. */
export const readOwnEvents = async (
  { client, start }: { readonly client: EventStoreDBClient; readonly start: Position },
  isOwn: (stream: string) => boolean,
): Promise<readonly RecordedEvent[]> =>
  (await pageOf(client, { fromPosition: start })).flatMap(({ event }) =>
    event && event.position.commit > start.commit && isOwn(event.streamId) ? [event] : [],
  );
