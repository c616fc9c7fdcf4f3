import type { Draw } from '../commands/ports';
import type { LogScan, StoredBytes } from '../projections/log-scan';
import type { LogConsumer } from './archiving/consumer';
import { backoffMs, outagePolicy, pause } from './backoff';
import { innerController } from './inner-signal';
import type { Log } from './log';
import type { Process } from './process';

export type ArchivistMetrics = {
  /** Time of one round and how many events it read. */
  readonly round: (events: number, durationMs: number) => void;
  /** How long ago the last round began after which every consumer had everything, in ms. */
  readonly lag: (ageMs: number) => void;
  /** Something failed that may pass; it is tried again. */
  readonly fault: () => void;
};

export type ArchivistDeps = {
  readonly scan: LogScan;
  readonly consumers: readonly LogConsumer[];
  readonly draw: Draw;
  readonly log: Log;
  readonly metrics: ArchivistMetrics;
  /** Pause between two rounds. */
  readonly everyMs: number;
};

type Place = bigint | 'start';

/** What consumers are given at once at most: events, and bytes of data and metadata. */
const BATCH_EVENTS = 10_000;
const BATCH_BYTES = 32 * 1024 * 1024;

const isAfter = (event: StoredBytes, place: Place): boolean =>
  place === 'start' || event.position > place;

const lowest = (places: readonly Place[]): Place =>
  places.reduce((a, b) => (a === 'start' || b === 'start' ? 'start' : a < b ? a : b));

/** Joins the batches of a scan into larger ones. */
async function* joined(
  batches: AsyncIterable<readonly StoredBytes[]>,
): AsyncGenerator<readonly StoredBytes[]> {
  let events: StoredBytes[] = [];
  let bytes = 0;
  for await (const batch of batches)
    for (const event of batch) {
      events.push(event);
      bytes += event.data.length + event.metadata.length;
      if (events.length < BATCH_EVENTS && bytes < BATCH_BYTES) continue;
      yield events;
      [events, bytes] = [[], 0];
    }
  if (events.length > 0) yield events;
}

/** Reads the log once, from where the last of the consumers is to where it ends, and gives each what it lacks. */
const round = async ({ scan, consumers }: ArchivistDeps, signal: AbortSignal): Promise<number> => {
  const places = await Promise.all(consumers.map(({ position }) => position()));
  let read = 0;
  for await (const batch of joined(scan({ after: lowest(places) }, signal))) {
    read += batch.length;
    for (const [index, consumer] of consumers.entries()) {
      const place = places[index] ?? 'start';
      const lacking = batch.filter((event) => isAfter(event, place));
      if (lacking.length > 0) await consumer.take(lacking);
    }
    if (signal.aborted) break;
  }
  return read;
};

/**
 * Hands the log to those who keep something of it for later, in large batches every few seconds. Whatever
 * breaks, all begin anew from where they are then; the log and their own stores decide where that is.
 */
export const archivist = (deps: ArchivistDeps): Process => ({
  name: 'archivist',
  run: async (outer) => {
    const { draw, log, metrics, everyMs } = deps;
    const { signal } = innerController(outer);
    let failures = 0;
    let caughtUpMs = performance.now();
    while (!signal.aborted) {
      const startMs = performance.now();
      try {
        const events = await round(deps, signal);
        failures = 0;
        caughtUpMs = startMs;
        metrics.round(events, performance.now() - startMs);
        metrics.lag(0);
        await pause(everyMs, signal);
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        metrics.fault();
        metrics.lag(performance.now() - caughtUpMs);
        log.warn({ failures, err: error }, 'archivist begins anew');
        await pause(backoffMs(failures, outagePolicy, draw()), signal);
      }
    }
  },
});
