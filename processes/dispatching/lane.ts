import type { Instant } from '../../domain/time';
import {
  AFTER_ALL_IDS,
  type DueCursor,
  type DueRow,
  type Flow,
  type LaneSpan,
} from '../../projections/queries/dispatching/due-jobs';

/** How far one lane has been read. */
export type Lane = {
  readonly lane: number;
  /** Everything up to here was taken in. */
  read: DueCursor | undefined;
  /** Everything up to here was, but for the rows of the owners whose share of the memory is full. */
  readOfOthers: DueCursor | undefined;
  /** They are read from `read` on when they have room again; by their keys. */
  readonly full: Map<string, Flow>;
};

export const freshLane = (lane: number): Lane => ({
  lane,
  read: undefined,
  readOfOthers: undefined,
  full: new Map(),
});

/** Behind all rows that are due up to then. */
export const behind = (dueAt: Instant): DueCursor => ({ dueAt, jobId: AFTER_ALL_IDS });

export const cursorOf = ({ dueAt, jobId }: DueCursor): DueCursor => ({ dueAt, jobId });

const isBefore = (a: DueCursor, b: DueCursor): boolean =>
  a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.jobId < b.jobId);

/** The later of what was read of all and of most: rows behind it come by hints only. */
export const reached = ({ read, readOfOthers }: Lane): DueCursor | undefined =>
  read && readOfOthers
    ? isBefore(read, readOfOthers)
      ? readOfOthers
      : read
    : (readOfOthers ?? read);

/** From where it was read up to `dueUpTo`. */
export const ahead = ({ lane, read }: Lane, dueUpTo: Instant): LaneSpan => ({
  lane,
  dueUpTo,
  ...(read && { after: read }),
});

/** Goes back to there: behind its cursor is what there was no room for. */
const rewind = (lane: Lane, to: DueCursor | undefined): void => {
  if (lane.read && (!to || isBefore(to, lane.read))) lane.read = to;
};

/**
 * Takes in rows that stand behind the cursor, as far as there is room; the cursor goes back to the first for which
 * there is none, so it is read with all others when there is.
 *
 * @param after   the cursor before them
 * @param rows    in their order; of those that are known no more than their place is needed
 * @returns false when there was no room
 */
export const takeInBehind = (
  lane: Lane,
  after: DueCursor | undefined,
  rows: readonly (DueRow | DueCursor)[],
  offer: (row: DueRow) => boolean,
): boolean => {
  let last = after;
  for (const row of rows) {
    if ('ownerId' in row && !offer(row)) {
      lane.full.set(`${row.queue}/${row.ownerId}`, row);
      rewind(lane, last);
      return false;
    }
    last = cursorOf(row);
  }
  return true;
};

/** What was read of it whole. */
export const readWhole = ({ lane, read }: Lane): readonly LaneSpan[] =>
  read ? [{ lane, dueUpTo: read.dueAt, jobUpTo: read.jobId }] : [];

/** What was read of it but for the rows of some. */
export const readInPart = ({
  lane,
  read,
  readOfOthers,
  full,
}: Lane): readonly (LaneSpan & { readonly passing: readonly Flow[] })[] =>
  readOfOthers && full.size > 0
    ? [
        {
          ...{ lane, dueUpTo: readOfOthers.dueAt, jobUpTo: readOfOthers.jobId },
          passing: [...full.values()],
          ...(read && { after: read }),
        },
      ]
    : [];

export const hasMore = ({ read }: Lane, horizon: Instant): boolean =>
  read === undefined || read.dueAt < horizon;

/**
 * Takes in one page of a lane, as far as there is room.
 *
 * @param isLast  nothing more is due up to `horizon`
 */
export const takeIn = (
  lane: Lane,
  rows: readonly DueRow[],
  isLast: boolean,
  horizon: Instant,
  offer: (row: DueRow) => boolean,
): void => {
  let isWhole = true;
  for (const row of rows) {
    if (offer(row)) {
      if (isWhole) lane.read = cursorOf(row);
      continue;
    }
    isWhole = false;
    lane.full.set(`${row.queue}/${row.ownerId}`, row);
  }
  if (isWhole && isLast) lane.read = behind(horizon);
  const { read, readOfOthers } = lane;
  // what was passed over has been read
  if (read && readOfOthers && isWhole && !isBefore(read, readOfOthers))
    lane.readOfOthers = undefined;
};
