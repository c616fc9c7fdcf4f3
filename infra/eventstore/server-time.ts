import type { Transform } from 'node:stream';
import { ErrorType, type EventStoreDBClient } from '@eventstore/db-client';
import { jobStream } from '../../domain/ids';
import type { ServerTime } from '../server-time';
import { hasType } from './failures';
import type { StreamNames } from './stream-names';

/** Never a job's. */
const nobody = jobStream('00000000-0000-0000-0000-000000000000');

/** What the client pipes into its own stream: the gRPC call, of whose metadata only the date is read. */
type Call = {
  readonly once: (
    event: 'metadata',
    listener: (metadata: { readonly get: (name: string) => readonly unknown[] }) => void,
  ) => void;
};

/** Dates in headers are cut to whole seconds. */
const RESOLUTION_MS = 1_000;

/** The server's own time by the date of an answer; undefined when something on the way takes that header out. */
export const eventStoreTime = (client: EventStoreDBClient, names: StreamNames): ServerTime => {
  const probe = names.stored(nobody);
  return async () => {
    const read = client.readStream(probe, { maxCount: 1 });
    let date: unknown;
    (read as unknown as Transform).once('pipe', (call: unknown) => {
      (call as Call).once('metadata', (metadata) => ([date] = metadata.get('date')));
    });
    try {
      for await (const _ of read); // to its end
    } catch (error) {
      if (!hasType(error, ErrorType.STREAM_NOT_FOUND)) throw error;
    }
    const ms = typeof date === 'string' ? Date.parse(date) : Number.NaN;
    return Number.isNaN(ms)
      ? undefined
      : { nowMs: ms + RESOLUTION_MS / 2, withinMs: RESOLUTION_MS / 2 };
  };
};
