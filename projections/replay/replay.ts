import type { Instant } from '../../domain/time';
import type { LogScan } from '../log-scan';
import { readParked, type ParkedStream } from '../parked-streams';
import { announceNothing } from '../projected';
import { projectionWriter, tryLock, type ProjectionWriter } from '../projection-writer';
import { jobsProjection } from '../registry';
import { STATUS_FEED_KEPT_MS } from '../status-feed';
import { sendOne, type OpenWriteSession, type WriteSession } from '../write-session';
import { advance } from './advance';
import { bulkProjection, finishBulk } from './bulk';
import { compareTables } from './compare';
import type { TableDifference } from './difference';
import { checkLiveBuild, liveSchema, livePosition, lockLivePosition, tryReplayLock } from './live';
import { interruptible } from './interruptible';
import { dropSchema, openShadow } from './shadow';
import { isLockTimeout, oldSchemaOf, swap } from './swap';

export type ReplayDeps = {
  /** Sessions on the live schema, without time limits. */
  readonly openLive: OpenWriteSession;
  /** Writes the shadow, and nothing but it. */
  readonly openShadow: OpenWriteSession;
  readonly migrateShadow: () => Promise<unknown>;
  readonly shadow: string;
  /** Names of the migrations, in order. */
  readonly build: string;
  readonly scan: LogScan;
  readonly now: () => Instant;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
  /** Events a transaction while the history is written; 5,000 unless told. */
  readonly bulkEvents?: number;
  /** How many events were read in this stage, and up to which position. */
  readonly onProgress: (stage: string, events: number, position: bigint | undefined) => void;
};

export type ReplayOptions = {
  /** Drop a shadow that an earlier replay has left. */
  readonly isFresh: boolean;
  /** Rows told of each table at most. */
  readonly maxDiffs: number;
  /** Put the rebuilt tables in the place of the live ones. */
  readonly swaps: boolean;
  /** Leave the shadow where it is. */
  readonly keepsShadow: boolean;
};

export type Replayed = {
  /** Events read from the log, by this run. */
  readonly events: number;
  /** Where the comparison was made; undefined when the live read model is lost or does not come there. */
  readonly comparedAt: bigint | undefined;
  readonly differences: readonly TableDifference[];
  readonly parked: readonly ParkedStream[];
  /** Position of the rebuilt tables. */
  readonly position: bigint;
  readonly isSwapped: boolean;
};

/** Fewer transactions and fuller statements; more than these would outlive the young generation, and collecting them costs a fifth of the time. */
const BULK_EVENTS = 5_000;
const FOLLOW_EVENTS = 1_000;
/** A round of following that read no more than this has caught up: the next one takes some milliseconds. */
const CLOSE_EVENTS = 500;
/** Room between the trimming of the live feed and its comparison. */
const FEED_MARGIN_MS = 5 * 60_000;
/** A live projector that has not moved for so long, while events wait, is not waited for. */
const STUCK_MS = 10_000;
const LOOK_EVERY_MS = 50;
const SWAP_TRIES = 200;
const SHADOW_LOCK_TIMEOUT_MS = 300;
/** Who used the tables for too long gets as much time to finish before the next try. */
const SWAP_PAUSE_MS = 500;

const { name: projection } = jobsProjection;

type Running = ReplayDeps & {
  readonly control: WriteSession;
  readonly session: WriteSession;
  readonly live: string;
};

/** A replay that was killed may hold its locks until its last statement ends. */
const LOCK_TRIES = 100;

const lockOr = async (
  { pause, signal }: ReplayDeps,
  tryIt: () => Promise<boolean>,
  message: string,
): Promise<void> => {
  for (let i = 0; i < LOCK_TRIES; i++) {
    signal.throwIfAborted();
    if (await tryIt()) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(message);
};

const bulk = async (running: Running): Promise<number> => {
  const { session, now, onProgress, bulkEvents = BULK_EVENTS } = running;
  const stage = 'rebuilding';
  const bulkOnly = bulkProjection(now() - STATUS_FEED_KEPT_MS);
  const writer = await projectionWriter(session, bulkOnly, announceNothing);
  const events = await advance(
    {
      ...running,
      projection: bulkOnly,
      onProgress: (count, position) => {
        onProgress(stage, count, position);
      },
    },
    writer,
    bulkEvents,
  );
  onProgress('making indexes and due jobs', 0, undefined);
  await finishBulk(session);
  return events;
};

type Follower = {
  readonly writer: ProjectionWriter;
  /** Up to a position, or to the end of the log. @returns events read */
  readonly follow: (upTo?: bigint) => Promise<number>;
};

const follower = async (running: Running): Promise<Follower> => {
  const { session, onProgress } = running;
  const writer = await projectionWriter(session, jobsProjection, announceNothing);
  const deps = {
    ...running,
    projection: jobsProjection,
    onProgress: (events: number, position: bigint) => {
      onProgress('following', events, position);
    },
  };
  return { writer, follow: (upTo) => advance(deps, writer, FOLLOW_EVENTS, upTo) };
};

const followClosely = async ({ follow }: Follower): Promise<number> => {
  let events = 0;
  for (;;) {
    const round = await follow();
    events += round;
    if (round <= CLOSE_EVENTS) return events;
  }
};

/** Whether the live projector is where the shadow is, or beyond: the shadow can go forward only. */
const liveComesUp = async (
  { control, pause, now, signal, onProgress }: Running,
  { writer }: Follower,
): Promise<boolean> => {
  let known = await livePosition(control, projection);
  let movedAt = now();
  while (known !== undefined && known < writer.position()) {
    signal.throwIfAborted();
    if (now() - movedAt > STUCK_MS) return false;
    onProgress('waiting for the live read model', 0, undefined);
    await pause(LOOK_EVERY_MS);
    const position = await livePosition(control, projection);
    if (position !== known) movedAt = now();
    known = position;
  }
  return known !== undefined;
};

/**
 * A snapshot in which both are at the same position. The live projector is held for as long as the shadow
 * needs for the last events, and goes on while the two are compared.
 */
const pinnedSnapshot = async (
  { control }: Running,
  { follow, writer }: Follower,
  reader: WriteSession,
): Promise<bigint> => {
  await sendOne(control, { text: 'begin' });
  try {
    const position = await lockLivePosition(control, projection);
    if (position !== undefined) await follow(position);
    await reader.send([
      { text: 'begin isolation level repeatable read, read only' },
      { text: `set local work_mem = '64MB'` },
      { text: 'select 1' },
    ]);
    return writer.position();
  } finally {
    await sendOne(control, { text: 'rollback' });
  }
};

type Compared = Pick<Replayed, 'comparedAt' | 'differences'>;

const compare = async (
  running: Running,
  follows: Follower,
  { maxDiffs }: ReplayOptions,
): Promise<Compared> => {
  const { openLive, now, live, shadow, onProgress } = running;
  const isComparable = await liveComesUp(running, follows);
  const reader = await openLive();
  try {
    const comparedAt = await pinnedSnapshot(running, follows, reader);
    const feedSince = now() - STATUS_FEED_KEPT_MS + FEED_MARGIN_MS;
    const differences: TableDifference[] = [];
    const deps = { session: reader, live, shadow, projection, feedSince, maxDiffs };
    for await (const difference of compareTables(deps)) {
      differences.push(difference);
      onProgress(`comparing ${difference.table}`, difference.rebuiltRows, undefined);
    }
    return { comparedAt: isComparable ? comparedAt : undefined, differences };
  } finally {
    await reader.close();
  }
};

/** @returns the position of the tables that are live now */
const trySwap = async (running: Running): Promise<bigint> => {
  const { writer, follow } = await follower(running); // one that has failed is worth nothing any more
  await follow();
  await swap({
    ...running,
    projection,
    position: writer.position,
    follow: async (upTo) => {
      await follow(upTo);
    },
  });
  return writer.position();
};

const swapIn = async (running: Running): Promise<bigint> => {
  const { control, session, shadow, pause, signal } = running;
  await dropSchema(control, oldSchemaOf(shadow));
  // a projector that makes a partition may wait for the exchange, which then must not wait for it
  await sendOne(session, { text: `set lock_timeout = ${SHADOW_LOCK_TIMEOUT_MS}` });
  for (let i = 1; ; i++) {
    signal.throwIfAborted();
    try {
      const position = await trySwap(running);
      await dropSchema(control, oldSchemaOf(shadow));
      return position;
    } catch (error) {
      if (!isLockTimeout(error) || i === SWAP_TRIES) throw error;
      await pause(SWAP_PAUSE_MS);
    }
  }
};

const run = async (running: Running, options: ReplayOptions): Promise<Replayed> => {
  const { control, session, live, shadow, build } = running;
  if (live === shadow) throw new Error(`${shadow} is the live schema: name another one`);
  await checkLiveBuild(control, build);
  const taken = `another replay is at work on ${live}: wait for it, or end it`;
  await lockOr(running, () => tryReplayLock(control), taken);
  const deps = { control, session, schema: shadow, build, migrate: running.migrateShadow };
  const phase = await openShadow(deps, options.isFresh);
  await lockOr(running, () => tryLock(session, projection), taken);

  const bulkEvents = phase === 'bulk' ? await bulk(running) : 0;
  const follows = await follower(running);
  const followed = await followClosely(follows);
  const compared = await compare(running, follows, options);
  const parked = await readParked(session, projection);
  const position = options.swaps ? await swapIn(running) : follows.writer.position();
  if (!options.keepsShadow) await dropSchema(control, shadow);
  return {
    ...compared,
    events: bulkEvents + followed,
    parked,
    position,
    isSwapped: options.swaps,
  };
};

/**
 * Builds the read model anew from the log, beside the one that is read, compares the two and exchanges
 * them. Whatever ends it, the next one goes on from where it was.
 *
 * @throws Error with what to do next; the live tables are unchanged
 */
export const replay = async (deps: ReplayDeps, options: ReplayOptions): Promise<Replayed> => {
  const openLive = interruptible(deps.openLive, deps.signal);
  const control = await openLive();
  try {
    const live = await liveSchema(control);
    const session = await interruptible(deps.openShadow, deps.signal)();
    try {
      return await run({ ...deps, openLive, control, session, live }, options);
    } finally {
      await session.close();
    }
  } finally {
    await control.close();
  }
};
