import type { JobAudit } from '../../domain/audit/job-audit';
import type { EventPlace } from '../../domain/audit/violation';
import { isKeyMark } from '../../domain/events/key-mark';
import { isTombstone, jobIdOf, JOB_STREAM_PREFIX } from '../../domain/ids';
import type { RecordedEvent } from '../../domain/event-log';
import type { LogCheck } from './log-check';
import type { StoredBytes } from '../reading/log-scan';
import { recordedFact, storedFact, type StoredFact } from './stored-fact';

/** Where what is verified begins; what lies before is believed. */
export type WindowStart =
  | { readonly kind: 'log-start' }
  /** Exclusive: scanned from there on, so a job that began before is read from its stream. */
  | { readonly kind: 'after-position'; readonly position: bigint }
  /** Inclusive, by the time of storing, in units of 100 ns since 1970: all before is scanned too. */
  | { readonly kind: 'at-time'; readonly ticks: bigint };

export type JobCheckDeps = {
  readonly audit: JobAudit;
  readonly start: WindowStart;
  readonly read: (stream: string) => Promise<readonly RecordedEvent[]>;
};

export type JobCheck = LogCheck & {
  /** Events of streams that begin with `job-` and are none of ours. */
  readonly foreignEvents: () => number;
};

/** How many streams are read side by side. */
const READS = 32;

const isJobStream = (stream: string): boolean => jobIdOf(stream) !== undefined;

/** Of another program, which names its streams as we do ours. */
const isForeign = (stream: string): boolean =>
  stream.startsWith(JOB_STREAM_PREFIX) && !isJobStream(stream);

const placeOf = ({ stream, revision, position, type }: EventPlace): EventPlace => ({
  stream,
  revision,
  position,
  type,
});

/**
 * Holds the jobs of a scan against the rules; the audit reports what it finds, and has an end of its own.
 *
 * @throws NewerEventVersion
 */
export const jobCheck = ({ audit, start, read }: JobCheckDeps): JobCheck => {
  let foreignEvents = 0;

  const deal = (place: EventPlace, fact: StoredFact, isSeed: boolean): void => {
    if (isKeyMark(place.type) || isTombstone(place.type)) return;
    if (fact.kind === 'unreadable') audit.skip(placeOf(place), fact.why, isSeed);
    else if (isSeed) audit.seed(place.stream, fact.event);
    else audit.take(place.stream, fact.event);
  };

  const seedFrom = async (stream: string, upTo: bigint): Promise<void> => {
    for (const event of await read(stream))
      if (event.position <= upTo) deal(event, recordedFact(event), true);
  };

  /** Reads what the jobs of a batch did before the window. */
  const seedAll = async (batch: readonly StoredBytes[], upTo: bigint): Promise<void> => {
    const unknown = batch.filter(
      ({ stream, revision }) => revision > 0n && isJobStream(stream) && !audit.knows(stream),
    );
    const streams = [...new Set(unknown.map(({ stream }) => stream))];
    const reader = async (): Promise<void> => {
      for (let stream = streams.pop(); stream !== undefined; stream = streams.pop())
        await seedFrom(stream, upTo);
    };
    await Promise.all(Array.from({ length: READS }, reader));
  };

  const takeOne = (stored: StoredBytes, isSeed: boolean): void => {
    const { stream } = stored;
    if (isForeign(stream)) foreignEvents += 1;
    if (isJobStream(stream)) deal(stored, storedFact(stored), isSeed);
  };

  return {
    take: async (batch: readonly StoredBytes[]): Promise<void> => {
      if (start.kind === 'after-position') await seedAll(batch, start.position);
      for (const stored of batch)
        takeOne(stored, start.kind === 'at-time' && stored.createdTicks < start.ticks);
    },
    end: () => [],
    foreignEvents: () => foreignEvents,
  };
};
