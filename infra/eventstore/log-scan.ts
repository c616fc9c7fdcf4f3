import type { EventStoreDBClient } from '@eventstore/db-client';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { isStreamMetadata } from '../../domain/ids';
import { positionOf, type After } from '../../projections/reading/log-place';
import { NoSuchPosition, type LogScan, type StoredBytes } from '../../projections/reading/log-scan';
import { bothNumbers } from './event-at';
import { eventOf } from './lossless-events';
import { readStoredBytes } from './lean/stored-bytes';
import { forEachMessage, readAllMessages } from './read-call';
import type { StreamNames } from './stream-names';

/** A batch ends with the event that brings it to either. */
const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 1024 * 1024;

/** Of the system's own streams, whose events a scan leaves out, those are kept that say what a stream shows. */
const isSystem = (stream: string): boolean => stream.startsWith('$') && !isStreamMetadata(stream);

/** An answer in an unusual form, by way of the generated class; undefined when it is no event. */
const readUnusual = (message: Buffer): StoredBytes | undefined => {
  const event = eventOf(ReadResp.deserializeBinary(message));
  if (!event) return undefined;
  const { commit: position, prepare } = event.position;
  return { ...event, position, ...(prepare !== position && { prepare }) };
};

/** The server's own words, which is all that it says. */
const isNoPosition = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('Unexpected ReadAllResult');

const readFrom = async function* (
  client: EventStoreDBClient,
  after: After | 'start',
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const from = after === 'start' ? after : bothNumbers(after);
  try {
    yield* readAllMessages(client, from, signal);
  } catch (error) {
    if (after === 'start' || !isNoPosition(error)) throw error;
    throw new NoSuchPosition(positionOf(after), { cause: error });
  }
};

/** Scans what a system has in the log of an event store. */
export const eventStoreScan = (client: EventStoreDBClient, names: StreamNames): LogScan =>
  async function* scan({ after, upTo, onEnd }, signal) {
    const ownOf = (event: StoredBytes): StoredBytes | undefined => {
      const stream = names.own(event.stream);
      if (stream === event.stream) return event;
      return stream === undefined ? undefined : { ...event, stream };
    };
    const begun = after === 'start' ? undefined : positionOf(after);
    let batch: StoredBytes[] = [];
    let batchBytes = 0;
    let isOver = false;
    let last: StoredBytes | undefined;
    for await (const bytes of readFrom(client, after, signal)) {
      forEachMessage(bytes, (start, end) => {
        const event = readStoredBytes(bytes, start, end) ?? readUnusual(bytes.subarray(start, end));
        if (!event || isOver) return;
        last = event;
        isOver = upTo !== undefined && event.position >= upTo;
        const isWanted = upTo === undefined || event.position <= upTo;
        if (!isWanted || event.position === begun || isSystem(event.stream)) return;
        const own = ownOf(event);
        if (own) batch.push(own);
      });
      batchBytes += bytes.length;
      if (isOver) break;
      if (batch.length < BATCH_EVENTS && batchBytes < BATCH_BYTES) continue;
      if (batch.length > 0) yield batch;
      batch = [];
      batchBytes = 0;
    }
    if (batch.length > 0) yield batch;
    if (last && !isOver) onEnd?.({ position: last.position, prepare: last.prepare });
  };
