import { positionOf, type After, type LogPlace } from '../../projections/reading/log-place';
import type { LogScan, StoredBytes } from '../../projections/reading/log-scan';
import type { ServerName } from '../health/vitals';
import type { LogConsumer } from './consumer';

/** What consumers are given at once at most: events, and bytes of data and metadata. */
const BATCH_EVENTS = 10_000;
const BATCH_BYTES = 32 * 1024 * 1024;

const isAfter = (event: StoredBytes, place: After): boolean =>
  place === 'start' || event.position > positionOf(place);

const lowest = (places: readonly After[]): After =>
  places.reduce((a, b) =>
    a === 'start' || b === 'start' ? 'start' : positionOf(a) < positionOf(b) ? a : b,
  );

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

/** Without the event: a place is kept, and its bytes are let go. */
const placeAfter = (events: readonly StoredBytes[]): After | undefined => {
  const last = events.at(-1);
  return last && { position: last.position, prepare: last.prepare };
};

type Reader = { readonly consumer: LogConsumer; readonly place: After };

export type Fault = {
  readonly consumer: string;
  readonly error: unknown;
  /** Undefined when no server is to blame. */
  readonly server: ServerName | undefined;
};

const faultOf = ({ name, serverAt }: LogConsumer, error: unknown): Fault => ({
  consumer: name,
  error,
  server: serverAt(error),
});

export type Round = {
  /** Events that were read. */
  readonly events: number;
  readonly faults: readonly Fault[];
  /** For the next round; undefined after one that did not come to the end of the log. */
  readonly looked: Looked | undefined;
};

/** How far the log has nothing for consumers that stand there: what follows may all be of other systems. */
export type Looked = { readonly places: readonly After[]; readonly to: LogPlace };

const isSame = (one: readonly After[], other: readonly After[]): boolean =>
  one.length === other.length &&
  one.every((place, index) => {
    const against = other[index];
    if (place === 'start' || against === 'start' || against === undefined) return place === against;
    return positionOf(place) === positionOf(against);
  });

const readersOf = async (
  consumers: readonly LogConsumer[],
): Promise<{ readonly readers: readonly Reader[]; readonly faults: readonly Fault[] }> => {
  const places = await Promise.allSettled(consumers.map(({ position }) => position()));
  const readers: Reader[] = [];
  const faults: Fault[] = [];
  for (const [index, consumer] of consumers.entries()) {
    const place = places[index];
    if (place?.status === 'fulfilled') readers.push({ consumer, place: place.value });
    else faults.push(faultOf(consumer, place?.reason));
  }
  return { readers, faults };
};

/** Gives each reader what it lacks of a batch. */
const handOut = async (
  readers: readonly Reader[],
  batch: readonly StoredBytes[],
): Promise<{ readonly readers: readonly Reader[]; readonly faults: readonly Fault[] }> => {
  const left: Reader[] = [];
  const faults: Fault[] = [];
  for (const { consumer, place } of readers) {
    const lacking = batch.filter((event) => isAfter(event, place));
    try {
      if (lacking.length > 0) await consumer.take(lacking);
      left.push({ consumer, place: placeAfter(lacking) ?? place });
    } catch (error) {
      faults.push(faultOf(consumer, error));
    }
  }
  return { readers: left, faults };
};

/**
 * Reads the log from where the last of the consumers is to where it ends, and gives each what it lacks. One that
 * fails is left out of the rest of the round, which goes on from where the last of the others is.
 *
 * @param before  of the round before. Consumers that have not moved since lack nothing of what it looked through: an
 *   idle system beside a busy one would read all that the other has ever done again and again
 */
export const archivingRound = async (
  scan: LogScan,
  consumers: readonly LogConsumer[],
  signal: AbortSignal,
  before?: Looked,
): Promise<Round> => {
  const begun = await readersOf(consumers);
  let { readers } = begun;
  const faults = [...begun.faults];
  const places = readers.map(({ place }) => place);
  let nothingUpTo: After | undefined =
    before && isSame(before.places, places) ? before.to : undefined;
  let end: LogPlace | undefined;
  let events = 0;
  /** @returns whether it came to the end of the log */
  const pass = async (): Promise<boolean> => {
    const after = nothingUpTo ?? lowest(readers.map(({ place }) => place));
    nothingUpTo = undefined;
    const range = { after, onEnd: (place: LogPlace) => void (end = place) };
    for await (const batch of joined(scan(range, signal))) {
      events += batch.length;
      const given = await handOut(readers, batch);
      faults.push(...given.faults);
      readers = given.readers;
      if (given.faults.length > 0) return false;
      if (signal.aborted) break;
    }
    return true;
  };
  try {
    while (readers.length > 0 && !(await pass()));
  } catch (error) {
    faults.push({ consumer: 'all', error, server: 'event-store' }); // the log cannot be read
  }
  const isWhole = faults.length === 0 && !signal.aborted;
  return { events, faults, looked: isWhole && end ? { places, to: end } : undefined };
};
