import type {
  DueGlance,
  DueJobs,
  DueRow,
  LaneSpan,
  OthersQuery,
  ShardRange,
} from '../../projections/queries/dispatching/due-jobs';
import type { DueBuffer } from './due-buffer';
import { cursorOf, readInPart, readWhole, takeInBehind, type Lane } from './lane';

/** One look at all rows behind the cursors, for what hints and paging have missed, and to forget what is gone. */
export type Sweep = {
  /** One page, so that hints and the prefetch are never kept waiting. @returns whether there is more */
  readonly step: () => Promise<boolean>;
};

export type SweepDeps = {
  readonly dueJobs: DueJobs;
  readonly buffer: DueBuffer;
  readonly shards: readonly ShardRange[];
  readonly pageSize: number;
  /** Rows that are passed over in one statement. */
  readonly scanLimit: number;
};

type SpanOfOthers = LaneSpan & Pick<OthersQuery, 'passing'>;

export const sweepOver = (lanes: readonly Lane[], deps: SweepDeps): Sweep => {
  const { dueJobs, buffer, shards, pageSize } = deps;
  let spans: readonly LaneSpan[] = lanes.flatMap(readWhole);
  const others: SpanOfOthers[] = lanes.flatMap(readInPart);
  buffer.beginSweep();

  /** Most rows are known, and of these no more is read than tells so. */
  const glance = async (): Promise<void> => {
    const limit = Math.ceil(pageSize / spans.length);
    const seen = await dueJobs.glance({ spans, shards, limit });
    const news = new Map<string, DueRow>();
    for (const row of await dueJobs.findThese(seen.filter(buffer.isNews).map(cursorOf)))
      news.set(row.jobId, row);
    const byLane = new Map<number, DueGlance[]>();
    for (const row of seen) {
      const rows = byLane.get(row.lane) ?? [];
      byLane.set(row.lane, rows);
      rows.push(row);
    }
    spans = spans.flatMap((span) => {
      const lane = lanes[span.lane];
      const rows = byLane.get(span.lane) ?? [];
      const last = rows.at(-1);
      if (lane)
        takeInBehind(
          lane,
          span.after,
          rows.map((row) => news.get(row.jobId) ?? row),
          buffer.offer,
        );
      return last && rows.length >= limit ? [{ ...span, after: cursorOf(last) }] : [];
    });
  };

  const passOver = async (span: SpanOfOthers): Promise<void> => {
    const { scanLimit } = deps;
    const found = await dueJobs.findOthers({ ...span, shards, scanLimit, limit: pageSize });
    const lane = lanes[span.lane];
    for (const row of found.rows) if (!buffer.offer(row) && lane) lane.readOfOthers = undefined; // passed over again from the start
    if (found.lookedUpTo) others.unshift({ ...span, after: found.lookedUpTo });
  };

  return {
    step: async () => {
      const span = spans.length > 0 ? undefined : others.shift();
      if (span) await passOver(span);
      else if (spans.length > 0) await glance();
      const hasMore = spans.length > 0 || others.length > 0;
      if (!hasMore) buffer.endSweep();
      return hasMore;
    },
  };
};
