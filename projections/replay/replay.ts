import type { Rebuild } from '../projection';
import { readCheckpoint } from '../writing/checkpoint';
import { readParked, type ParkedStream } from '../writing/parking/parked-streams';
import { tryLock } from '../writing/projection-writer';
import { followClosely, follower } from './follower';
import { writeHistory } from './history';
import { interruptible } from './interruptible';
import { checkLiveBuild, checkLiveSystem, liveSchema, tryReplayLock } from './live';
import { pinnedCompare, type Compared } from './comparing/pinned-compare';
import { isKnown, LOOK_EVERY_MS, type ReplayDeps, type Running } from './running';
import { dropSchema, finishShadow, openShadow, type Phase, type ShadowDeps } from './shadow';
import { swapIn } from './swap-in';

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

export type Replayed = Compared & {
  /** Events read from the log, by this run. */
  readonly events: number;
  readonly parked: readonly ParkedStream[];
  /** Position of the rebuilt tables. */
  readonly position: bigint;
  readonly isSwapped: boolean;
  /** Of dispatched jobs, in the broker: `left` where they are of events that are gone and nobody could throw them away. */
  readonly messages: 'kept' | 'forgotten' | 'left';
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

/** @returns events read */
const bulk = async (running: Running, rebuild: Rebuild): Promise<number> => {
  const { session, readModel, onProgress } = running;
  let events = 0;
  await writeHistory({
    ...running,
    rebuild,
    onWritten: (count, position) => {
      events += count;
      onProgress('rebuilding', events, position);
    },
  });
  onProgress('making indexes and due jobs', 0, undefined);
  await finishShadow(session, readModel, rebuild);
  return events;
};

/** A shadow that an earlier replay has made of events that the log does not have any more is begun again. */
const openKnownShadow = async (
  running: Running,
  deps: ShadowDeps,
  isFresh: boolean,
): Promise<Phase> => {
  const phase = await openShadow(deps, isFresh);
  const isGood = await isKnown(
    running,
    await readCheckpoint(running.session, running.readModel.name),
  );
  return isGood ? phase : await openShadow(deps, true);
};

/** Dispatches that the log knows nothing of must not be carried out: their jobs may have moved since. */
const forgetMessages = async (
  { forgetMessages: forget }: Pick<Running, 'forgetMessages'>,
  { unknownMark }: Compared,
): Promise<Replayed['messages']> => {
  if (!unknownMark) return 'kept';
  return (await forget()) ? 'forgotten' : 'left';
};

const run = async (running: Running, options: ReplayOptions): Promise<Replayed> => {
  const { control, session, live, shadow, build, readModel } = running;
  if (live === shadow) throw new Error(`${shadow} is the live schema: name another one`);
  await checkLiveBuild(control, build);
  await checkLiveSystem(control, running.systemId);
  const taken = `another replay is at work on ${live}: wait for it, or end it`;
  await lockOr(running, () => tryReplayLock(control), taken);
  const rebuild = readModel.rebuild(running.now());
  const deps = {
    ...{ control, session, schema: shadow, build, readModel, rebuild },
    migrate: running.migrateShadow,
  };
  const phase = await openKnownShadow(running, deps, options.isFresh);
  await lockOr(running, () => tryLock(session, readModel.name), taken);

  const bulkEvents = phase === 'bulk' ? await bulk(running, rebuild) : 0;
  const follows = await follower(running);
  const followed = await followClosely(follows);
  const compared = await pinnedCompare(running, follows, options.maxDiffs);
  const parked = await readParked(session, readModel.name);
  const messages = options.swaps ? await forgetMessages(running, compared) : 'kept';
  const position = options.swaps ? await swapIn(running) : follows.writer.position();
  if (!options.keepsShadow) await dropSchema(control, shadow);
  return {
    ...{ ...compared, messages },
    events: bulkEvents + followed,
    parked,
    position,
    isSwapped: options.swaps,
  };
};

/**
 * Builds the read model again from the log, beside the one that is read, compares the two and exchanges
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
