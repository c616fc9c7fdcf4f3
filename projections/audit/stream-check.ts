import type { LogAudit } from '../../domain/audit/log-audit';
import type { AuditedOf } from '../../domain/audit/audited-event';
import type { StreamAudit } from '../../domain/audit/stream-audit';
import type { EventPlace } from '../../domain/audit/violation';
import { isKeyMark } from '../../domain/events/key-mark';
import {
  isTombstone,
  jobIdOf,
  JOB_STREAM_PREFIX,
  operationIdOf,
  OPERATION_STREAM_PREFIX,
  scheduleIdOf,
  SCHEDULE_STREAM_PREFIX,
  WEBHOOK_STREAM_PREFIX,
  webhookIdOf,
} from '../../domain/ids';
import type { RecordedEvent } from '../../domain/event-log';
import type { LogCheck } from './log-check';
import type { StoredBytes } from '../reading/log-scan';
import {
  jobKinds,
  operationKinds,
  recordedFact,
  scheduleKinds,
  storedFact,
  webhookKinds,
  type EventKinds,
  type StoredFact,
} from './stored-fact';

/** Where what is verified begins; what lies before is believed. */
export type WindowStart =
  | { readonly kind: 'log-start' }
  /** Exclusive: scanned from there on, so a stream that began before is read by itself. */
  | { readonly kind: 'after-position'; readonly position: bigint }
  /** Inclusive, by the time of storing, in units of 100 ns since 1970: all before is scanned too. */
  | { readonly kind: 'at-time'; readonly ticks: bigint };

export type StreamCheckDeps = {
  readonly audit: Pick<LogAudit, 'jobs' | 'schedules' | 'operations' | 'webhooks'>;
  readonly start: WindowStart;
  readonly read: (stream: string) => Promise<readonly RecordedEvent[]>;
};

export type StreamCheck = LogCheck & {
  /** Events of streams that are named like ours and are none. */
  readonly foreignEvents: () => number;
};

/** How many streams are read side by side. */
const READS = 32;

const placeOf = ({ stream, revision, position, type }: EventPlace): EventPlace => ({
  stream,
  revision,
  position,
  type,
});

/** Streams of one kind, and who holds them against its rules. */
type Audited = {
  readonly prefix: string;
  readonly isOne: (stream: string) => boolean;
  readonly knows: (stream: string) => boolean;
  readonly takeStored: (stored: StoredBytes, isSeed: boolean) => void;
  readonly seedRecorded: (recorded: RecordedEvent) => void;
};

const audited = <Trace, Event extends AuditedOf<object>>(
  audit: StreamAudit<Trace, Event>,
  kinds: EventKinds<Event>,
  prefix: string,
  isOne: (stream: string) => boolean,
): Audited => {
  const isOurs = ({ type }: EventPlace): boolean => !isKeyMark(type) && !isTombstone(type);
  const deal = (place: EventPlace, fact: StoredFact<Event>, isSeed: boolean): void => {
    if (fact.kind === 'unreadable') audit.skip(placeOf(place), fact.why, isSeed);
    else if (isSeed) audit.seed(place.stream, fact.event);
    else audit.take(place.stream, fact.event);
  };
  return {
    prefix,
    isOne,
    knows: audit.knows,
    takeStored: (stored, isSeed) => {
      if (isOurs(stored)) deal(stored, storedFact(kinds, stored), isSeed);
    },
    seedRecorded: (recorded) => {
      if (isOurs(recorded)) deal(recorded, recordedFact(kinds, recorded), true);
    },
  };
};

/**
 * Holds the streams of a scan against their rules, in the order of the log; the audit reports what it finds, and has an
 * end of its own.
 *
 * @throws NewerEventVersion
 */
export const streamCheck = ({ audit, start, read }: StreamCheckDeps): StreamCheck => {
  let foreignEvents = 0;
  const all: readonly Audited[] = [
    audited(audit.jobs, jobKinds, JOB_STREAM_PREFIX, (stream) => jobIdOf(stream) !== undefined),
    audited(
      audit.schedules,
      scheduleKinds,
      SCHEDULE_STREAM_PREFIX,
      (stream) => scheduleIdOf(stream) !== undefined,
    ),
    audited(
      audit.operations,
      operationKinds,
      OPERATION_STREAM_PREFIX,
      (stream) => operationIdOf(stream) !== undefined,
    ),
    audited(
      audit.webhooks,
      webhookKinds,
      WEBHOOK_STREAM_PREFIX,
      (stream) => webhookIdOf(stream) !== undefined,
    ),
  ];
  const auditedOf = (stream: string): Audited | undefined =>
    all.find(({ prefix }) => stream.startsWith(prefix));

  const seedFrom = async (stream: string, upTo: bigint): Promise<void> => {
    for (const event of await read(stream))
      if (event.position <= upTo) auditedOf(stream)?.seedRecorded(event);
  };

  /** Reads what the streams of a batch had before the window. */
  const seedAll = async (batch: readonly StoredBytes[], upTo: bigint): Promise<void> => {
    const unknown = batch.filter(({ stream, revision }) => {
      const its = revision > 0n ? auditedOf(stream) : undefined;
      return its?.isOne(stream) === true && !its.knows(stream);
    });
    const streams = [...new Set(unknown.map(({ stream }) => stream))];
    const reader = async (): Promise<void> => {
      for (let stream = streams.pop(); stream !== undefined; stream = streams.pop())
        await seedFrom(stream, upTo);
    };
    await Promise.all(Array.from({ length: READS }, reader));
  };

  const takeOne = (stored: StoredBytes, isSeed: boolean): void => {
    const its = auditedOf(stored.stream);
    if (!its) return;
    if (its.isOne(stored.stream)) its.takeStored(stored, isSeed);
    else foreignEvents += 1;
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
