import type {
  DueGlance,
  DueJobs,
  LaneSpan,
  OthersQuery,
  SlotRange,
} from '../../projections/queries/due-jobs';
import type { DueBuffer } from './due-buffer';
import { cursorOf, readInPart, readWhole, type Lane } from './lane';

/** One look at all rows behind the cursors, for what hints and paging have missed, and to forget what is gone. */
export type Sweep = {
  /** One page, so that hints and the prefetch are never kept waiting. @returns whether there is more */
  readonly step: () => Promise<boolean>;
};

export type SweepDeps = {
  readonly dueJobs: DueJobs;
  readonly buffer: DueBuffer;
  readonly slots: readonly SlotRange[];
  readonly pageSize: number;
  /** Rows that are passed over in one statement. */
  readonly scanLimit: number;
};

type SpanOfOthers = LaneSpan & Pick<OthersQuery, 'passing'>;

export const sweepOver = (lanes: readonly Lane[], deps: SweepDeps): Sweep => {
  const { dueJobs, buffer, slots, pageSize } = deps;
  let spans: readonly LaneSpan[] = lanes.flatMap(readWhole);
  const others: SpanOfOthers[] = lanes.flatMap(readInPart);
  buffer.beginSweep();

  /** Most rows are known, and of these no more is read than tells so. */
  const glance = async (): Promise<void> => {
    const limit = Math.ceil(pageSize / spans.length);
    const seen = await dueJobs.glance({ spans, slots, limit });
    const news = seen.filter(buffer.isNews);
    for (const row of await dueJobs.findThese(news.map(cursorOf)))
      if (!buffer.isFull()) buffer.offer(row);
    const counts = new Map<number, number>();
    const lasts = new Map<number, DueGlance>();
    for (const row of seen) {
      counts.set(row.lane, (counts.get(row.lane) ?? 0) + 1);
      lasts.set(row.lane, row);
    }
    spans = spans.flatMap((span) => {
      const last = lasts.get(span.lane);
      const isWhole = (counts.get(span.lane) ?? 0) < limit;
      return last && !isWhole ? [{ ...span, after: cursorOf(last) }] : [];
    });
  };

  const passOver = async (span: SpanOfOthers): Promise<void> => {
    const { scanLimit } = deps;
    const found = await dueJobs.findOthers({ ...span, slots, scanLimit, limit: pageSize });
    for (const row of found.rows) if (buffer.isNews(row) && !buffer.isFull()) buffer.offer(row);
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
