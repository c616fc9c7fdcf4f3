import type { RecordedEvent } from '../../domain/event-log';
import { positionOf } from '../../projections/reading/log-place';
import type { LogScan, StoredBytes } from '../../projections/reading/log-scan';

/** An event as a scan gives it, stored when the test says. */
export const storedBytes = (event: RecordedEvent, createdMs: number): StoredBytes => ({
  id: event.id,
  stream: event.stream,
  type: event.type,
  contentType: 'application/json',
  revision: event.revision,
  position: event.position,
  createdTicks: BigInt(createdMs) * 10_000n,
  data: Buffer.from(JSON.stringify(event.data)),
  metadata: Buffer.from(JSON.stringify(event.metadata)),
});

/** A scan of a log in memory, in batches of `batchEvents`; notes after which position each scan began, and counts what it gave. */
export const storedLog = (events: readonly StoredBytes[], batchEvents = 7) => {
  const begun: (bigint | 'start')[] = [];
  let given = 0;
  const scan: LogScan = async function* scanned({ after, upTo }, signal) {
    begun.push(after === 'start' ? after : positionOf(after));
    const range = events.filter(
      ({ position }) =>
        (after === 'start' || position > positionOf(after)) &&
        (upTo === undefined || position <= upTo),
    );
    for (let start = 0; start < range.length; start += batchEvents) {
      await Promise.resolve();
      signal.throwIfAborted();
      const batch = range.slice(start, start + batchEvents);
      given += batch.length;
      yield batch;
    }
  };
  return { scan, begun, given: () => given };
};
