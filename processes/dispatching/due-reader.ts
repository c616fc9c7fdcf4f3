import type { Draw } from '../../domain/chance';
import type { Instant } from '../../domain/time';
import {
  LANE_COUNT,
  type DueJobs,
  type DueRow,
  type LaneSpan,
  type ShardRange,
} from '../../projections/queries/dispatching/due-jobs';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Timers } from '../runtime/timers';
import type { Vitals } from '../health/vitals';
import { wakeUp } from '../runtime/wake-up';
import type { BothClocks } from './both-clocks';
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
import { rangesOf } from './shard-plan';
import { sweepOver, type Sweep } from './sweep';

export type DueReaderDeps = {
  readonly dueJobs: DueJobs;
  readonly buffer: DueBuffer;
  readonly clocks: BothClocks;
  readonly timers: Timers;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly vitals: Vitals;
  /** Called when rows may have come. */
  readonly onRows: () => void;
  /** How far ahead rows are fetched, and how often. */
  readonly aheadMs: number;
  readonly everyMs: number;
  /** How often the whole table up to there is looked through again, for what hints and paging have missed. */
  readonly sweepEveryMs: number;
  readonly pageSize: number;
};

/** Keeps the buffer filled with the near future of the shards that are held. */
export type DueReader = {
  readonly setShards: (shards: ReadonlySet<number>) => void;
  readonly hint: (hint: DueHint) => void;
  /** Looks through everything again soon: hints may have been lost. */
  readonly sweep: () => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Rows that are passed over in one statement: some 20 ms, so that hints are not kept waiting. */
const PASSED_OVER = 10_000;
const SWEEP_RESTS = 20;
/** A sweep may have taken long because the machine slept. */
const MAX_SWEEP_REST_MS = 300_000;

const lanes = (): readonly Lane[] => Array.from({ length: LANE_COUNT }, (_, n) => freshLane(n));

const byLane = (rows: readonly DueRow[]): ReadonlyMap<number, readonly DueRow[]> => {
  const groups = new Map<number, DueRow[]>();
  for (const row of rows) {
    const group = groups.get(row.lane);
    if (group) group.push(row);
    else groups.set(row.lane, [row]);
  }
  return groups;
};

export const dueReader = (deps: DueReaderDeps): DueReader => {
  const { dueJobs, buffer, clocks, timers, logger, onRows, pageSize } = deps;
  const wake = wakeUp(timers);
  let shards: readonly ShardRange[] = [];
  let table = lanes();
  let pendingHint: DueHint | undefined;
  let sweeping: { readonly sweep: Sweep; tookMs: number } | undefined;
  let nextTickAt = 0;
  let nextSweepAt = 0;

  /** A page of the spans together. @returns the rows by lane, and the limit of each */
  const page = async (spans: readonly LaneSpan[], positionFrom?: bigint) => {
    const limit = Math.ceil(pageSize / Math.max(1, spans.length));
    const found = await dueJobs.find({
      spans,
      shards,
      limit,
      ...(positionFrom !== undefined && { positionFrom }),
    });
    return { found: byLane(found), limit };
  };

  /** Whether to read a lane from where it stands: not while the owners that fill it have no room. */
  const isOpen = ({ full }: Lane): boolean =>
    full.size === 0 || [...full.values()].some(buffer.hasRoomFor);

  const forward = async (horizon: Instant): Promise<void> => {
    const at = table;
    let open = at.filter((lane) => hasMore(lane, horizon) && isOpen(lane));
    while (open.length > 0 && !buffer.isFull() && table === at) {
      const { found, limit } = await page(open.map((lane) => ahead(lane, horizon)));
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
  const passOver = async (horizon: Instant): Promise<boolean> => {
    let isDone = true;
    for (const lane of table) {
      if (lane.full.size === 0 || buffer.isFull()) continue;
      const after = reached(lane);
      if (after && after.dueAt >= horizon) continue;
      const { rows, lookedUpTo } = await dueJobs.findOthers({
        ...{ lane: lane.lane, dueUpTo: horizon, shards },
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

  /** @returns false when it is to go on immediately */
  const prefetch = async (): Promise<boolean> => {
    clocks.sample(await dueJobs.databaseNow());
    const horizon = clocks.now() + deps.aheadMs;
    await forward(horizon);
    const isDone = await passOver(horizon);
    onRows();
    return isDone;
  };

  /** Rows behind the cursors, which `forward` will not meet again. Later ones it will meet by itself. */
  const follow = async ({ position, dueAt }: DueHint): Promise<void> => {
    let spans: readonly LaneSpan[] = table.flatMap((lane) => {
      const dueUpTo = reached(lane)?.dueAt;
      if (dueUpTo === undefined || dueAt > dueUpTo) return [];
      return [{ lane: lane.lane, after: behind(dueAt - 1), dueUpTo }];
    });
    while (spans.length > 0) {
      const at = table;
      const { found, limit } = await page(spans, position);
      if (table !== at) return; // all of it is read again
      const open = spans.filter(({ lane: n, after }) => {
        const lane = at[n];
        return lane && takeInBehind(lane, after, found.get(n) ?? [], buffer.offer);
      });
      onRows();
      spans = rest(open, found, limit);
    }
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

  /** One page of the sweep. It rests for many times what it took, for it costs by all that is due and waits. */
  const sweepOn = async (): Promise<void> => {
    const startMs = timers.monotonicMs();
    const current = sweeping ?? {
      sweep: sweepOver(table, { ...deps, shards, scanLimit: PASSED_OVER }),
      tookMs: 0,
    };
    sweeping = current;
    const hasMore = await current.sweep.step();
    onRows();
    current.tookMs += timers.monotonicMs() - startMs;
    if (sweeping !== current || hasMore) return;
    sweeping = undefined;
    const restMs = Math.min(MAX_SWEEP_REST_MS, SWEEP_RESTS * current.tookMs);
    nextSweepAt = timers.monotonicMs() + Math.max(deps.sweepEveryMs, restMs);
  };

  const step = async (): Promise<void> => {
    if (timers.monotonicMs() >= nextTickAt) {
      const isDone = await prefetch();
      nextTickAt = isDone ? timers.monotonicMs() + deps.everyMs : 0;
    }
    const hint = pendingHint;
    pendingHint = undefined;
    if (hint) await follow(hint);
    if (sweeping || timers.monotonicMs() >= nextSweepAt) await sweepOn();
  };

  const sweep = (): void => {
    sweeping = undefined;
    nextSweepAt = 0;
    wake.call();
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', wake.call, { once: true });
    for (let failures = 0; !signal.aborted;) {
      try {
        await step();
        failures = 0;
        deps.vitals.moved();
        if (!sweeping) await wake.wait(nextTickAt - timers.monotonicMs());
      } catch (error) {
        failures += 1;
        deps.vitals.failed('read-model', error);
        logger.warn({ err: error, failures }, 'cannot read due jobs; trying again');
        sweep(); // a hint may have been dropped half way
        await pause(backoffMs(failures, outagePolicy, deps.draw()), signal);
      }
    }
    signal.removeEventListener('abort', wake.call);
  };

  return {
    setShards: (held) => {
      buffer.keepShards((shard) => held.has(shard));
      shards = rangesOf(held);
      table = lanes(); // rows of new shards may stand anywhere
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
