import type { EventLog, RecordedEvent } from '../../domain/event-log';
import type { Instant } from '../../domain/time';
import { readCheckpoint, type Checkpoint } from './checkpoint';
import { markOf, type LogMark } from '../reading/log-place';
import { parkedSet } from './parking/parked-set';
import { readParked } from './parking/parked-streams';
import { monthlyPartitions, type Partition } from './partitions';
import { projectBatch, type ProjectDeps } from './project-batch';
import type { Announce } from './projected';
import { monthlyTables, type Plan, type Projection } from '../projection';
import { readParkedStream, unparkStreams, type WholeStream } from './parking/unpark';
import { sendOne, type WriteSession } from './write-session';

/**
 * The one that may write a read model, as long as its session lives. Calls may overlap: they are done one
 * after the other. Each throws what the connection throws; then the writer is worth nothing any more.
 */
export type ProjectionWriter = {
  /** All events up to here are applied or parked. */
  readonly position: () => bigint;
  /** The same, with what is known of the event there. */
  readonly checkpoint: () => Checkpoint;
  readonly parkedCount: () => number;
  /**
   * Applies events in log order; those that were applied before or belong to nobody here are left out.
   * Makes its statements immediately, while Postgres is still at work on the batch before.
   *
   * @param upTo  the checkpoint afterwards, when it is ahead; the position alone where that of the last event is meant
   */
  readonly apply: (events: readonly RecordedEvent[], upTo: bigint | LogMark) => Promise<void>;
  /** Shows the server that this writer lives, and tells whether the server does. */
  readonly beat: () => Promise<void>;
  /** Follows what is parked and brought back while it is gone through. */
  readonly parkedStreams: () => Iterable<string>;
  /**
   * Tries these parked streams again. They are read outside of the writer's turn, and only those that can be
   * applied now take one.
   *
   * @returns those that stay parked for what is in them; others may be tried again immediately
   * @throws EventLogUnavailable, or what the connection throws
   */
  readonly retryParked: (
    log: Pick<EventLog, 'read'>,
    streams: readonly string[],
  ) => Promise<ReadonlySet<string>>;
  /** Partitions ahead and behind. @returns those ahead that are missing for want of a right */
  readonly maintain: (now: Instant) => Promise<readonly Partition[]>;
  /** Removes some thousands of old rows; true when there are more, so call again soon. */
  readonly trim: () => Promise<boolean>;
  /** Resolves when nothing is under way any more, however it ended. */
  readonly settled: () => Promise<void>;
};

/** Whether this session is the only writer now; it stays so until it closes. Schemas have a writer each. */
export const tryLock = async (session: WriteSession, projection: string): Promise<boolean> => {
  const { rows } = await sendOne(session, {
    text: `select pg_try_advisory_lock(hashtextextended(
             'punctual projector ' || current_schema() || ' ' || $1, 0)) as locked`,
    values: [projection],
  });
  return rows[0]?.['locked'] === true;
};

/** Undefined when it cannot be made: the write then finds out which event is to blame. */
const planAhead = (projection: Projection, events: readonly RecordedEvent[]): Plan | undefined => {
  try {
    return projection.plan(events);
  } catch {
    return undefined;
  }
};

const markAt = (events: readonly RecordedEvent[], upTo: bigint | LogMark): LogMark => {
  if (typeof upTo !== 'bigint') return upTo;
  const last = events.at(-1);
  return last?.position === upTo ? markOf(last) : { position: upTo };
};

/** Reads checkpoint and parked streams through a session that holds the lock. */
export const projectionWriter = async (
  session: WriteSession,
  projection: Projection,
  announce: Announce,
): Promise<ProjectionWriter> => {
  const deps: ProjectDeps = {
    session,
    projection,
    partitions: monthlyPartitions(session, monthlyTables(projection)),
    announce,
  };
  let checkpoint = await readCheckpoint(session, projection.name);
  const parked = parkedSet(
    (await readParked(session, projection.name)).map(({ stream }) => stream),
  );

  let underWay: Promise<unknown> = Promise.resolve();

  /** One after the other; after one that failed, none is done any more. */
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const done = underWay.then(work);
    underWay = done;
    done.catch(() => undefined); // the caller hears of it, perhaps after a while
    await done;
  };

  const select = (events: readonly RecordedEvent[]): readonly RecordedEvent[] =>
    events.filter(
      ({ position: at, stream }) =>
        at > checkpoint.position && projection.isMine(stream) && !parked.has(stream),
    );

  const write = async (events: readonly RecordedEvent[], to: LogMark, plan: Plan | undefined) => {
    const newlyParked = await projectBatch(deps, {
      ...{ events, from: checkpoint, to },
      ...(plan && { plan }),
    });
    checkpoint = { ...to, generation: checkpoint.generation };
    for (const { stream } of newlyParked) parked.add(stream);
  };

  /** Brings back those that were read as far as the checkpoint. @returns those that the database refuses */
  const bringBack = async (streams: readonly WholeStream[]): Promise<readonly string[]> => {
    const current = streams.filter(
      ({ stream, events }) => parked.has(stream) && parked.reachAsFar(stream, events),
    );
    const back = await unparkStreams(deps, current, checkpoint);
    for (const stream of back) parked.remove(stream);
    return current.map(({ stream }) => stream).filter((stream) => !back.includes(stream));
  };

  return {
    position: () => checkpoint.position,
    checkpoint: () => checkpoint,
    parkedCount: parked.size,
    parkedStreams: parked.streams,
    apply: async (events, upTo) => {
      const removals = parked.removals();
      const selected = select(events);
      const plan = planAhead(projection, selected);
      const to = markAt(events, upTo);
      await inTurn(async () => {
        if (to.position <= checkpoint.position) return;
        // batches before this one may have parked some, and others may have come back
        const isSame = removals === parked.removals();
        const still = select(isSame ? selected : events);
        await write(still, to, isSame && still.length === selected.length ? plan : undefined);
        parked.pass(events);
      });
    },
    beat: () =>
      inTurn(async () => {
        await sendOne(session, { text: 'select 1' });
      }),
    retryParked: async (log, streams) => {
      const read = await Promise.all(
        streams.map((stream) => readParkedStream(log, projection, stream)),
      );
      const readable = read.flatMap((whole) => whole ?? []);
      const remaining = new Set(streams.filter((_, index) => !read[index]));
      if (readable.length > 0)
        await inTurn(async () => {
          for (const stream of await bringBack(readable)) remaining.add(stream);
        });
      return remaining;
    },
    maintain: async (now) => {
      let missing: readonly Partition[] = [];
      await inTurn(async () => {
        missing = await deps.partitions.maintain(now);
      });
      return missing;
    },
    trim: async () => {
      let isMore = false;
      await inTurn(async () => {
        for (const trim of projection.trims) isMore = (await trim(session)) || isMore;
      });
      return isMore;
    },
    settled: async () => {
      await underWay.catch(() => undefined);
    },
  };
};
