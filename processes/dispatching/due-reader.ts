import type { Draw } from '../../commands/ports';
import type { Instant } from '../../domain/time';
import type { DueJobs, DueQuery, DueRow } from '../../projections/queries/due-jobs';
import { backoffMs, outagePolicy, pause } from '../backoff';
import type { Log } from '../log';
import type { Timers } from '../timers';
import { wakeUp } from '../wake-up';
import type { BothClocks } from './both-clocks';
import type { DueBuffer } from './due-buffer';
import type { DueHint } from './due-hint';
import { rangesOf, type SlotRange } from './slot-plan';

export type DueReaderDeps = {
  readonly dueJobs: DueJobs;
  readonly buffer: DueBuffer;
  readonly clocks: BothClocks;
  readonly timers: Timers;
  readonly draw: Draw;
  readonly log: Log;
  /** Called when rows may have come. */
  readonly onRows: () => void;
  /** How far ahead rows are fetched, and how often. */
  readonly aheadMs: number;
  readonly everyMs: number;
  /** How often the whole table up to there is looked through again, for what hints and paging have missed. */
  readonly sweepEveryMs: number;
  readonly pageSize: number;
};

/** Keeps the buffer filled with the near future of the slots that are held. */
export type DueReader = {
  readonly setSlots: (slots: ReadonlySet<number>) => void;
  readonly hint: (hint: DueHint) => void;
  /** Looks through everything again soon: hints may have been lost. */
  readonly sweep: () => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

type Cursor = { readonly dueAt: Instant; readonly jobId: string };
type Range = SlotRange & { cursor: Cursor | undefined };
type Sweep = { readonly upTo: readonly (Range & { readonly dueUpTo: Instant })[] };

/** Sorts after every job id: a cursor that has it stands behind all rows of its due time. */
const AFTER_ALL_IDS = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const sameRange = (a: SlotRange) => (b: SlotRange) => a.from === b.from && a.to === b.to;

export const dueReader = (deps: DueReaderDeps): DueReader => {
  const { dueJobs, buffer, clocks, timers, log, onRows, pageSize } = deps;
  const wake = wakeUp(timers);
  let ranges: readonly Range[] = [];
  let pendingHint: DueHint | undefined;
  let underWay: Sweep | undefined;
  let nextTickAt = 0;
  let nextSweepAt = 0;

  /** One page; `after` bounds the due time from below as well, so that old partitions are left alone. */
  const page = (
    { from, to }: SlotRange,
    query: Pick<DueQuery, 'dueUpTo' | 'dueAfter' | 'positionFrom'>,
    after: Cursor | undefined,
  ): Promise<readonly DueRow[]> =>
    dueJobs.find({
      slotFrom: from,
      slotTo: to,
      limit: pageSize,
      ...query,
      ...(after && { after, dueAfter: after.dueAt - 1 }),
    });

  const forward = async (range: Range, horizon: Instant): Promise<void> => {
    while (!buffer.isFull() && (range.cursor === undefined || range.cursor.dueAt < horizon)) {
      const rows = await page(range, { dueUpTo: horizon }, range.cursor);
      for (const row of rows) buffer.offer(row);
      const last = rows.at(-1);
      range.cursor =
        last && rows.length >= pageSize
          ? { dueAt: last.dueAt, jobId: last.jobId }
          : { dueAt: horizon, jobId: AFTER_ALL_IDS };
      onRows();
    }
  };

  const prefetch = async (): Promise<void> => {
    clocks.sample(await dueJobs.databaseNow());
    const horizon = clocks.now() + deps.aheadMs;
    for (const range of ranges) await forward(range, horizon);
    onRows();
  };

  /** Rows behind the cursors, which `forward` will not meet again. Later ones it will meet by itself. */
  const follow = async ({ position, dueAt }: DueHint): Promise<void> => {
    for (const range of ranges) {
      const dueUpTo = range.cursor?.dueAt;
      if (dueUpTo === undefined || dueAt > dueUpTo) continue;
      let after: Cursor | undefined;
      do {
        if (buffer.isFull()) return; // the sweep finds them when there is room
        const query = { dueAfter: dueAt - 1, dueUpTo, positionFrom: position };
        const rows: readonly DueRow[] = await page(range, query, after);
        for (const row of rows) buffer.offer(row);
        after = rows.length >= pageSize ? rows.at(-1) : undefined;
        onRows();
      } while (after);
    }
  };

  const beginSweep = (): Sweep => {
    buffer.beginSweep();
    const upTo = ranges.flatMap(({ from, to, cursor }) =>
      cursor ? [{ from, to, cursor: undefined, dueUpTo: cursor.dueAt }] : [],
    );
    return { upTo };
  };

  /** One page of the sweep, so that hints and the prefetch are never kept waiting by it. */
  const sweepOn = async (sweep: Sweep): Promise<void> => {
    const [range] = sweep.upTo;
    if (!range) {
      buffer.endSweep();
      underWay = undefined;
      nextSweepAt = timers.monotonicMs() + deps.sweepEveryMs;
      return;
    }
    const rows = await page(range, { dueUpTo: range.dueUpTo }, range.cursor);
    for (const row of rows) if (buffer.isNews(row) && !buffer.isFull()) buffer.offer(row);
    onRows();
    if (underWay !== sweep) return;
    const last = rows.at(-1);
    const rest = sweep.upTo.slice(1);
    const isDone = !last || rows.length < pageSize;
    underWay = { upTo: isDone ? rest : [{ ...range, cursor: last }, ...rest] };
  };

  const step = async (): Promise<void> => {
    if (timers.monotonicMs() >= nextTickAt) {
      await prefetch();
      nextTickAt = timers.monotonicMs() + deps.everyMs;
    }
    const hint = pendingHint;
    pendingHint = undefined;
    if (hint) await follow(hint);
    if (!underWay && timers.monotonicMs() >= nextSweepAt) underWay = beginSweep();
    if (underWay) await sweepOn(underWay);
  };

  const sweep = (): void => {
    underWay = undefined;
    nextSweepAt = 0;
    wake.call();
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', wake.call, { once: true });
    for (let failures = 0; !signal.aborted;) {
      try {
        await step();
        failures = 0;
        if (!underWay) await wake.wait(nextTickAt - timers.monotonicMs());
      } catch (error) {
        failures += 1;
        log.warn({ err: error, failures }, 'cannot read due jobs; trying again');
        sweep(); // a hint may have been dropped half way
        await pause(backoffMs(failures, outagePolicy, deps.draw()), signal);
      }
    }
    signal.removeEventListener('abort', wake.call);
  };

  return {
    setSlots: (slots) => {
      buffer.keepSlots((slot) => slots.has(slot));
      ranges = rangesOf(slots).map(
        (range) => ranges.find(sameRange(range)) ?? { ...range, cursor: undefined },
      );
      nextTickAt = 0;
      sweep();
    },
    hint: (hint) => {
      pendingHint = pendingHint
        ? {
            position: hint.position < pendingHint.position ? hint.position : pendingHint.position,
            dueAt: Math.min(hint.dueAt, pendingHint.dueAt),
          }
        : hint;
      wake.call();
    },
    sweep,
    run,
  };
};
