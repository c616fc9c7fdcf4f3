import { STATUS_FEED_KEPT_MS } from '../../jobs/status-feed';
import { sendOne, type WriteSession } from '../../writing/write-session';
import { compareTables } from './compare';
import type { TableDifference } from './difference';
import type { Follower } from '../follower';
import type { LogMark } from '../../reading/log-place';
import { liveMark, lockLiveMark } from '../live';
import { isKnown, LOOK_EVERY_MS, projection, type Running } from '../running';

/** Room between the trimming of the live feed and its comparison. */
const FEED_MARGIN_MS = 5 * 60_000;
/** A live projector that has not moved for so long, while events wait, is not waited for. */
const STUCK_MS = 10_000;

/** Whether the live projector is where the shadow is, or beyond: the shadow can go forward only. */
const liveComesUp = async (
  { control, pause, now, signal, onProgress }: Running,
  { writer }: Follower,
): Promise<boolean> => {
  let known = (await liveMark(control, projection))?.position;
  let movedAt = now();
  while (known !== undefined && known < writer.position()) {
    signal.throwIfAborted();
    if (now() - movedAt > STUCK_MS) return false;
    onProgress('waiting for the live read model', 0, undefined);
    await pause(LOOK_EVERY_MS);
    const position = (await liveMark(control, projection))?.position;
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
  running: Running,
  { follow, writer }: Follower,
  reader: WriteSession,
): Promise<bigint> => {
  const { control } = running;
  await sendOne(control, { text: 'begin' });
  try {
    const mark = await lockLiveMark(control, projection);
    if (mark && (await isKnown(running, mark))) await follow(mark);
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

export type Compared = {
  /** Where the comparison was made; undefined when the live read model is lost or does not come there. */
  readonly comparedAt: bigint | undefined;
  readonly differences: readonly TableDifference[];
  /** Where the live read model is, when the log does not have the event there: it was restored from an older copy. */
  readonly unknownMark?: LogMark;
};

const unknownMarkOf = async (running: Running): Promise<LogMark | undefined> => {
  const mark = await liveMark(running.control, projection);
  return mark && !(await isKnown(running, mark)) ? mark : undefined;
};

/**
 * Compares the live tables with the rebuilt ones at one position.
 *
 * @param maxDiffs  rows told of each table at most
 */
export const pinnedCompare = async (
  running: Running,
  follows: Follower,
  maxDiffs: number,
): Promise<Compared> => {
  const { openLive, now, live, shadow, onProgress, rowsRead } = running;
  const unknownMark = await unknownMarkOf(running);
  const isComparable = !unknownMark && (await liveComesUp(running, follows));
  const reader = await openLive();
  try {
    const comparedAt = await pinnedSnapshot(running, follows, reader);
    const feedSince = now() - STATUS_FEED_KEPT_MS + FEED_MARGIN_MS;
    const differences: TableDifference[] = [];
    let rows = 0;
    const deps = {
      ...{ session: reader, live, shadow, projection, feedSince, maxDiffs },
      rowsRead: async (count: number): Promise<void> => {
        rows += count;
        onProgress('comparing rows', rows, undefined);
        await rowsRead?.(count);
      },
    };
    for await (const difference of compareTables(deps)) differences.push(difference);
    return {
      comparedAt: isComparable ? comparedAt : undefined,
      differences,
      ...(unknownMark && { unknownMark }),
    };
  } finally {
    await reader.close();
  }
};
