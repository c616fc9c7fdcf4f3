import type { RecordedEvent } from '../../../core/events';
import { metastreamOf, noMetadata, parseStreamMetadata } from '../../../core/stream-metadata';
import type { StorageReader } from '../../../store/storage';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const unused = (): Promise<never> => Promise.reject(new Error('not part of this test'));

/** A log in memory that answers reads late, so that others get in between; it counts what was read of it. */
export const logInMemory = () => {
  const events: RecordedEvent[] = [];
  const read = { events: 0, ofAll: 0 };

  const record = (stream: string, data = ''): RecordedEvent => {
    const revision = events.filter((event) => event.stream === stream).length;
    const event: RecordedEvent = {
      sequence: events.length + 1,
      stream,
      revision,
      createdMs: 0,
      id: Buffer.alloc(16),
      type: 'T',
      isJson: true,
      data: Buffer.from(data),
      metadata: Buffer.alloc(0),
    };
    events.push(event);
    return event;
  };

  const reader: StorageReader = {
    heads: async (streams) => {
      await pause();
      return new Map(
        streams.map((stream) => {
          const metadata = events.findLast((event) => event.stream === metastreamOf(stream));
          const last = events.findLast((event) => event.stream === stream);
          return [
            stream,
            {
              revision: last?.revision ?? -1,
              metadata: metadata ? parseStreamMetadata(metadata.data) : noMetadata,
            },
          ];
        }),
      );
    },
    readAll: async (from, _direction, limit) => {
      await pause();
      read.ofAll += 1;
      return events.slice(from - 1, from - 1 + limit);
    },
    readStream: async (stream, from, direction, upToSequence, limit) => {
      await pause();
      const own = events.filter(
        (event) => event.stream === stream && event.sequence <= upToSequence,
      );
      const page =
        direction === 'forwards'
          ? own.filter(({ revision }) => revision >= from).slice(0, limit)
          : own
              .filter(({ revision }) => revision <= from)
              .slice(-limit)
              .reverse();
      read.events += page.length;
      return page;
    },
    idsFrom: unused,
    reservedStreams: () => Promise.resolve([]),
    recentIds: unused,
    firstCreatedSince: unused,
    readPlaces: unused,
    close: () => Promise.resolve(),
  };
  return { events, read, record, reader };
};
