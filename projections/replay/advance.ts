import type { RecordedEvent } from '../../domain/event-log';
import { isFromTheFuture } from '../../domain/events/catalog';
import { isTombstone } from '../../domain/ids';
import { recordedEvent, type LogScan, type ScanRange, type StoredBytes } from '../reading/log-scan';
import type { ProjectionWriter } from '../writing/projection-writer';
import { afterCheckpoint } from '../writing/checkpoint';
import type { LogMark, LogPlace } from '../reading/log-place';
import type { Projection } from '../projection';

export type AdvanceDeps = {
  readonly scan: LogScan;
  readonly projection: Projection;
  readonly signal: AbortSignal;
  /** Told after each batch: how many events of the log were read since the call, and up to where. */
  readonly onProgress: (events: number, position: bigint) => void;
};

/** @throws RangeError that says where the event stands */
export const refuseNewer = (event: RecordedEvent): void => {
  if (!isFromTheFuture(event)) return;
  const { type, stream, revision, position } = event;
  throw new RangeError(
    `${type} in ${stream}, revision ${revision}, position ${position} was written by a newer build: replay with that build`,
  );
};

const mineIn = (projection: Projection, batch: readonly StoredBytes[]): readonly RecordedEvent[] =>
  batch
    .filter(({ stream, type }) => projection.isMine(stream) && !isTombstone(type))
    .map((stored) => {
      const event = recordedEvent(stored);
      refuseNewer(event);
      return event;
    });

const rangeFrom = (place: LogPlace, upTo: LogPlace | undefined): ScanRange => ({
  after: afterCheckpoint(place),
  ...(upTo && { upTo: upTo.position }),
});

/** What a transaction holds at most of large events, and the one that reaches it. */
export const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Applies the log from the writer's checkpoint on, up to a position or to where the log ends. While Postgres
 * writes a batch, the next one is read and made ready.
 *
 * @param batchEvents  events a transaction
 * @returns            how many events of the log were read
 * @throws RangeError  for an event of a newer build
 */
export const advance = async (
  { scan, projection, signal, onProgress }: AdvanceDeps,
  writer: ProjectionWriter,
  batchEvents: number,
  upTo?: LogMark,
): Promise<number> => {
  let waiting: StoredBytes[] = [];
  let bytes = 0;
  let events = 0;
  let underWay = Promise.resolve();

  const write = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    bytes = 0;
    const mine = mineIn(projection, batch);
    // not beyond the last event of its own: the live projector, which is told of no others, does not come there
    const last = mine.at(-1);
    if (!last) {
      events += batch.length;
      return;
    }
    const before = underWay;
    underWay = writer.apply(mine, last.position).then(() => {
      events += batch.length;
      onProgress(events, last.position);
    });
    underWay.catch(() => undefined); // awaited with the next batch, or at the end
    await before;
  };

  try {
    for await (const part of scan(rangeFrom(writer.checkpoint(), upTo), signal)) {
      for (const event of part) {
        waiting.push(event);
        bytes += event.data.length;
      }
      if (waiting.length >= batchEvents || bytes >= BATCH_BYTES) await write();
    }
    await write();
    await underWay;
  } finally {
    await underWay.catch(() => undefined); // what was sent is kept, whatever came after it
  }
  if (upTo) await writer.apply([], upTo);
  return events;
};
