import type { Draw } from '../../domain/chance';
import type { EventLog, RecordedEvent } from '../../domain/event-log';
import type { Instant, Clock } from '../../domain/time';
import { tap } from 'rxjs';
import { afterCheckpoint, NOTHING_APPLIED } from '../../projections/writing/checkpoint';
import { FeedCut, type Feed, type FeedSubscription } from '../../projections/reading/feed';
import { isInLog, markOf, type EventAt, type LogMark } from '../../projections/reading/log-place';
import { announceProjected } from '../../projections/writing/projected';
import type { Projection } from '../../projections/projection';
import {
  projectionWriter,
  tryLock,
  type ProjectionWriter,
} from '../../projections/writing/projection-writer';
import { EventsNotInLog, eventsNotInLog } from '../../projections/audit/same-log';
import type { OpenWriteSession, WriteSession } from '../../projections/writing/write-session';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import {
  bufferDefaults,
  feedBuffer,
  type BufferSettings,
  type FeedBatch,
  type FeedBuffer,
} from './feed-buffer';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import { isLogOutage } from '../runtime/log-outage';
import type { ProjectorMetrics } from './metrics';
import { parkedRetryDefaults, retryParkedStreams, type ParkedRetrySettings } from './parked-retry';
import type { Process } from '../runtime/process';
import { systemTimers, type Timers } from '../runtime/timers';
import { unwatched, type Vitals } from '../health/vitals';

export type ProjectorSettings = BufferSettings &
  ParkedRetrySettings & {
    /** A standby asks so often whether it may write. */
    readonly standbyPollMs: number;
    /** Partitions are made so often. */
    readonly upkeepEveryMs: number;
    /** Old status changes are removed so often, as many at most as come in that time. */
    readonly trimEveryMs: number;
  };

const projectorDefaults: ProjectorSettings = {
  ...bufferDefaults,
  ...parkedRetryDefaults,
  standbyPollMs: 500,
  upkeepEveryMs: 60_000,
  trimEveryMs: 1_000,
};

export type ProjectorDeps = {
  readonly projection: Projection;
  readonly feed: Feed;
  readonly eventLog: Pick<EventLog, 'read'>;
  /** Tells which event is at a place of the log. */
  readonly eventAt: EventAt;
  readonly openSession: OpenWriteSession;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: ProjectorMetrics;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<ProjectorSettings>;
};

/** Without work the projector speaks up so often; gauges stay fresh, and a lost server is noticed. */
const IDLE_MS = 1_000;

/** A log without the events that the read model was made of is looked at again so often: a replay may have healed it. */
const OTHER_LOG_MS = 2_000;

type Running = ProjectorDeps & {
  readonly vitals: Vitals;
  readonly timers: Timers;
  readonly settings: ProjectorSettings;
};

const recordedAt = ({ metadata }: RecordedEvent): Instant | undefined => {
  const at = typeof metadata === 'object' && metadata && 'at' in metadata ? metadata.at : undefined;
  return typeof at === 'string' ? Date.parse(at) : undefined;
};

const ageMs = (event: RecordedEvent | undefined, now: Instant): number => {
  const at = event && recordedAt(event);
  return at === undefined || Number.isNaN(at) ? 0 : Math.max(0, now - at);
};

/**
 * The event to go on after. A place beyond the events of a batch counts once the log has said which event is there:
 * of a number alone nobody can tell later whether the log is still the same.
 */
const identified = async (
  eventAt: EventAt,
  { events, upTo }: FeedBatch,
): Promise<LogMark | undefined> => {
  if (upTo.eventId !== undefined) return upTo;
  const found = await eventAt(upTo);
  if (found?.position === upTo.position) return { ...upTo, eventId: found.eventId };
  const last = events.at(-1);
  return last && markOf(last);
};

const apply = async (
  { timers, metrics }: Running,
  writer: ProjectionWriter,
  events: FeedBatch['events'],
  upTo: LogMark,
  onProgress: () => void,
): Promise<void> => {
  const startMs = timers.monotonicMs();
  await writer.apply(events, upTo);
  metrics.applied(events.length);
  metrics.batchMs(timers.monotonicMs() - startMs);
  metrics.parked(writer.parkedCount());
  onProgress();
};

/** One line when partitions are missing, and one when others are. */
const missingTeller = (logger: Logger) => {
  let told = '';
  return (partitions: readonly string[]): void => {
    const text = partitions.join(', ');
    if (text !== '' && text !== told)
      logger.warn(
        { partitions },
        'no such partitions, and no right to make them: run "punctual migrate" as their owner',
      );
    told = text;
  };
};

/** Applies what the buffer gives until the signal aborts; throws when feed or session are cut. */
const follow = async (
  running: Running,
  writer: ProjectionWriter,
  buffer: FeedBuffer,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> => {
  const { clock, timers, metrics, settings, vitals, eventAt } = running;
  const tellMissing = missingTeller(running.logger);
  let upkeepAtMs = timers.monotonicMs();
  let trimAtMs = upkeepAtMs;
  let underWay = Promise.resolve();
  while (!signal.aborted) {
    if (timers.monotonicMs() >= upkeepAtMs) {
      tellMissing(await writer.maintain(clock.now()));
      upkeepAtMs = timers.monotonicMs() + settings.upkeepEveryMs;
    }
    if (timers.monotonicMs() >= trimAtMs) {
      const isMore = await writer.trim();
      trimAtMs = timers.monotonicMs() + (isMore ? settings.trimEveryMs : settings.upkeepEveryMs);
    }
    const batch = await buffer.next(IDLE_MS);
    const upTo = batch && (await identified(eventAt, batch));
    if (batch && upTo) {
      const before = underWay;
      underWay = apply(running, writer, batch.events, upTo, onProgress);
      underWay.catch(() => undefined); // awaited below, at the latest with the next batch
      // under backlog the next batch is made ready while Postgres is at work on this one
      await (buffer.size() >= settings.maxBatch ? before : underWay);
    } else await writer.beat();
    metrics.lagEvents(buffer.size());
    metrics.lagMs(ageMs(buffer.oldest(), clock.now()));
    vitals.worked('read-model');
    vitals.moved();
  }
  await underWay;
};

const isOfTheLog = (error: unknown): boolean => error instanceof FeedCut || isLogOutage(error);

/** Tells that the feed gives something, be it only how far it is. */
const told = (feed: FeedSubscription, onItem: () => void): FeedSubscription => ({
  ...feed,
  items$: feed.items$.pipe(tap(onItem)),
});

/** One life of a session: take the lock, go on from the checkpoint that is there now, apply until something breaks. */
const lead = async (
  running: Running,
  session: WriteSession,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> => {
  const { projection, feed, settings, timers, logger, eventLog, eventAt, metrics, vitals } =
    running;
  while (!(await tryLock(session, projection.name))) {
    vitals.standsBy();
    await pause(settings.standbyPollMs, signal);
    if (signal.aborted) return;
  }
  const writer = await projectionWriter(session, projection, announceProjected);
  const checkpoint = writer.checkpoint();
  const { position } = checkpoint;
  if (position !== NOTHING_APPLIED && !(await isInLog(checkpoint, eventAt)))
    throw eventsNotInLog(checkpoint);
  logger.info({ projection: projection.name, position: String(position) }, 'projector writes');
  const buffer = feedBuffer(
    told(feed.open(afterCheckpoint(checkpoint)), () => vitals.worked('event-store')),
    timers,
    settings,
  );
  const ending = innerController(signal);
  ending.signal.addEventListener('abort', buffer.stop, { once: true });
  const onTried = (): void => metrics.parked(writer.parkedCount());
  const both = [
    follow(running, writer, buffer, ending.signal, onProgress),
    retryParkedStreams({ writer, eventLog, timers, settings, onTried }, ending.signal),
  ].map((part) => part.finally(() => ending.abort())); // neither goes on without the other
  try {
    for (const ended of await Promise.allSettled(both))
      if (ended.status === 'rejected') throw ended.reason;
  } finally {
    await writer.settled();
  }
};

const withSession = async (
  running: Running,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> => {
  const session = await running.openSession();
  try {
    await lead(running, session, signal, onProgress);
  } finally {
    await session.close();
  }
};

/**
 * Keeps one read model at the log's heels. Several may run: one writes, the others take over when its
 * connection ends. Whatever breaks, it begins again from the checkpoint that Postgres then has, for the
 * read model commits asynchronously and a crash may take back its last transactions.
 */
export const projector = (deps: ProjectorDeps): Process => {
  const running: Running = {
    ...deps,
    vitals: deps.vitals ?? unwatched,
    timers: deps.timers ?? systemTimers,
    settings: { ...projectorDefaults, ...deps.settings },
  };
  const { logger, metrics, projection, draw } = running;
  return {
    name: `projector-${projection.name}`,
    run: async (outer) => {
      const { signal } = innerController(outer);
      let failures = 0;
      const onProgress = (): void => {
        failures = 0;
      };
      while (!signal.aborted) {
        try {
          await withSession(running, signal, onProgress);
        } catch (error) {
          failures++;
          metrics.fault();
          const isOtherLog = error instanceof EventsNotInLog;
          const isLog = isOtherLog || isOfTheLog(error);
          running.vitals.failed(isLog ? 'event-store' : 'read-model', error);
          if (!isOtherLog || failures === 1)
            logger.warn(
              { projection: projection.name, failures, err: error },
              'projector begins again',
            );
          const delayMs = isOtherLog ? OTHER_LOG_MS : backoffMs(failures, outagePolicy, draw());
          await pause(delayMs, signal);
        }
      }
    },
  };
};
