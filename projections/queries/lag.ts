import { filter, firstValueFrom, map, take, takeWhile, timeout, toArray } from 'rxjs';
import type { RecordedEvent } from '../../domain/event-log';
import { fromTimestamp, type Clock } from '../../domain/time';
import { afterCheckpoint } from '../writing/checkpoint';
import type { Feed, FeedItem } from '../reading/feed';
import type { LogPlace } from '../reading/log-place';

/** How far a read model is behind the log. */
export type Lag = {
  /** Events that it has not applied; above some dozen about so many. */
  readonly events: number;
  /** How long ago the oldest of them was recorded; 0 when there is none. */
  readonly ms: number;
};

export type LagDeps = {
  readonly feed: Feed;
  /** Position of the newest event of the whole log; -1 for an empty one. */
  readonly logEnd: () => Promise<bigint>;
  readonly checkpoint: () => Promise<LogPlace>;
  readonly clock: Clock;
};

/** So many events tell how dense the log is; more are not counted one by one. */
const SAMPLE_EVENTS = 50;
const ANSWER_MS = 3_000;

const eventOf = (item: FeedItem): RecordedEvent | undefined =>
  item.kind === 'event' ? item.event : undefined;

/** What comes first after a position, until the log ends there or there are enough. */
const sampleAfter = (feed: Feed, place: LogPlace): Promise<readonly RecordedEvent[]> =>
  firstValueFrom(
    feed.open(afterCheckpoint(place)).items$.pipe(
      takeWhile(({ kind }) => kind !== 'caught-up'),
      map(eventOf),
      filter((event) => event !== undefined),
      take(SAMPLE_EVENTS),
      toArray(),
      timeout(ANSWER_MS),
    ),
  );

const recordedAt = ({ metadata }: RecordedEvent): number =>
  typeof metadata === 'object' && metadata && 'at' in metadata && typeof metadata.at === 'string'
    ? fromTimestamp(metadata.at)
    : NaN;

/** From the first event of the sample to the end, if the log is as dense there as in the sample. */
const estimate = (first: bigint, last: bigint, end: bigint): number =>
  1 + Math.round(((SAMPLE_EVENTS - 1) * Number(end - first)) / Math.max(1, Number(last - first)));

/**
 * Asks the log itself what comes after the checkpoint: a projector that stands, or has only begun, knows nothing
 * of what it has not been told yet.
 *
 * @throws what log or database throw, or a TimeoutError
 */
export const measureLag = async ({ feed, logEnd, checkpoint, clock }: LagDeps): Promise<Lag> => {
  const sample = await sampleAfter(feed, await checkpoint());
  const [oldest] = sample;
  if (!oldest) return { events: 0, ms: 0 };
  const ageMs = clock.now() - recordedAt(oldest);
  const ms = Number.isNaN(ageMs) ? 0 : Math.max(0, ageMs);
  const last = sample[SAMPLE_EVENTS - 1];
  if (!last) return { events: sample.length, ms };
  const events = estimate(oldest.position, last.position, await logEnd());
  return { events: Math.max(SAMPLE_EVENTS, events), ms };
};
