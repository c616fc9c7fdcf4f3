import type { Instant } from '../../domain/time';
import {
  LANE_COUNT,
  type DueJobs,
  type DueRow,
  type LaneSpan,
  type ShardRange,
} from '../../projections/queries/dispatching/due-jobs';
import type { DueBuffer } from './due-buffer';
import type { DueHint } from './due-hint';
import {
  ahead,
  behind,
  cursorOf,
  freshLane,
  hasMore,
  reached,
  takeIn,
  takeInBehind,
  type Lane,
} from './lane';

/** How far the rows of these shards are read, lane by lane. Other shards are another table. */
export type LaneTable = {
  readonly lanes: readonly Lane[];
  readonly shards: readonly ShardRange[];
};

export const freshTable = (shards: readonly ShardRange[]): LaneTable => ({
  lanes: Array.from({ length: LANE_COUNT }, (_, n) => freshLane(n)),
  shards,
});

export type LaneReadingDeps = {
  readonly dueJobs: DueJobs;
  readonly buffer: DueBuffer;
  /** Called when rows may have come. */
  readonly onRows: () => void;
  readonly pageSize: number;
  /** False when other shards are held by now: all of it is read again. */
  readonly isCurrent: (table: LaneTable) => boolean;
};

/** Rows that are passed over in one statement: some 20 ms, so that hints are not kept waiting. */
export const PASSED_OVER = 10_000;

const byLane = (rows: readonly DueRow[]): ReadonlyMap<number, readonly DueRow[]> => {
  const groups = new Map<number, DueRow[]>();
  for (const row of rows) {
    const group = groups.get(row.lane);
    if (group) group.push(row);
    else groups.set(row.lane, [row]);
  }
  return groups;
};

/** A page of the spans together. @returns the rows by lane, and the limit of each */
const page = async (
  { dueJobs, pageSize }: LaneReadingDeps,
  { shards }: LaneTable,
  spans: readonly LaneSpan[],
  positionFrom?: bigint,
) => {
  const limit = Math.ceil(pageSize / Math.max(1, spans.length));
  const found = await dueJobs.find({
    spans,
    shards,
    limit,
    ...(positionFrom !== undefined && { positionFrom }),
  });
  return { found: byLane(found), limit };
};

/** Reads lanes on from where they stand: not while the owners that fill one have no room. */
export const readForward = async (
  deps: LaneReadingDeps,
  table: LaneTable,
  horizon: Instant,
): Promise<void> => {
  const { buffer, onRows, isCurrent } = deps;
  const isOpen = ({ full }: Lane): boolean =>
    full.size === 0 || [...full.values()].some(buffer.hasRoomFor);
  let open = table.lanes.filter((lane) => hasMore(lane, horizon) && isOpen(lane));
  while (open.length > 0 && !buffer.isFull() && isCurrent(table)) {
    const spans = open.map((lane) => ahead(lane, horizon));
    const { found, limit } = await page(deps, table, spans);
    for (const lane of open) {
      const rows = found.get(lane.lane) ?? [];
      lane.full.clear();
      takeIn(lane, rows, rows.length < limit, horizon, buffer.offer);
    }
    onRows();
    open = open.filter((lane) => lane.full.size === 0 && hasMore(lane, horizon));
  }
};

/**
 * In lanes that somebody fills, the rows of all others: each row that is passed over is passed over once.
 *
 * @returns false when there is more of it to do
 */
export const passOver = async (
  { dueJobs, buffer, onRows, pageSize, isCurrent }: LaneReadingDeps,
  table: LaneTable,
  horizon: Instant,
): Promise<boolean> => {
  let isDone = true;
  for (const lane of table.lanes) {
    if (!isCurrent(table)) return false;
    if (lane.full.size === 0 || buffer.isFull()) continue;
    const after = reached(lane);
    if (after && after.dueAt >= horizon) continue;
    const { rows, lookedUpTo } = await dueJobs.findOthers({
      ...{ lane: lane.lane, dueUpTo: horizon, shards: table.shards },
      ...(after && { after }),
      passing: [...lane.full.values()],
      scanLimit: PASSED_OVER,
      limit: pageSize,
    });
    for (const row of rows)
      if (!buffer.offer(row)) lane.full.set(`${row.queue}/${row.ownerId}`, row);
    lane.readOfOthers = lookedUpTo ?? behind(horizon);
    isDone &&= lookedUpTo === undefined;
    onRows();
  }
  return isDone;
};

/** What is left of the spans after a page of each. */
const rest = (
  spans: readonly LaneSpan[],
  found: ReadonlyMap<number, readonly DueRow[]>,
  limit: number,
): readonly LaneSpan[] =>
  spans.flatMap((span) => {
    const rows = found.get(span.lane) ?? [];
    const last = rows.at(-1);
    return last && rows.length >= limit ? [{ ...span, after: cursorOf(last) }] : [];
  });

/** Rows behind the cursors, which `readForward` will not meet again. Later ones it will meet by itself. */
export const follow = async (
  deps: LaneReadingDeps,
  table: LaneTable,
  { position, dueAt }: DueHint,
): Promise<void> => {
  let spans: readonly LaneSpan[] = table.lanes.flatMap((lane) => {
    const dueUpTo = reached(lane)?.dueAt;
    if (dueUpTo === undefined || dueAt > dueUpTo) return [];
    return [{ lane: lane.lane, after: behind(dueAt - 1), dueUpTo }];
  });
  while (spans.length > 0) {
    const { found, limit } = await page(deps, table, spans, position);
    if (!deps.isCurrent(table)) return;
    const open = spans.filter(({ lane: n, after }) => {
      const lane = table.lanes[n];
      return lane && takeInBehind(lane, after, found.get(n) ?? [], deps.buffer.offer);
    });
    deps.onRows();
    spans = rest(open, found, limit);
  }
};
