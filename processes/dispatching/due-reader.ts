import type { Draw } from '../../domain/chance';
import type { DueJobs } from '../../projections/queries/dispatching/due-jobs';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Timers } from '../runtime/timers';
import type { Vitals } from '../health/vitals';
import { wakeUp } from '../runtime/wake-up';
import type { BothClocks } from './both-clocks';
import type { DueBuffer } from './due-buffer';
import type { DueHint } from './due-hint';
import {
  follow,
  freshTable,
  passOver,
  PASSED_OVER,
  readForward,
  type LaneTable,
} from './lane-reading';
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

const SWEEP_RESTS = 20;
/** A sweep may have taken long because the machine slept. */
const MAX_SWEEP_REST_MS = 300_000;

/** Sweeps one after the other, each over all that is read when it begins. */
const sweeps = (deps: DueReaderDeps) => {
  const { timers } = deps;
  let current: { readonly sweep: Sweep; tookMs: number } | undefined;
  let nextAtMs = 0;
  return {
    isUnderWay: () => current !== undefined,
    isDue: () => current !== undefined || timers.monotonicMs() >= nextAtMs,
    startOver: () => {
      current = undefined;
      nextAtMs = 0;
    },
    /** One page. It rests for many times what it took, for a sweep costs by all that is due and waits. */
    goOn: async ({ lanes, shards }: LaneTable): Promise<void> => {
      const startMs = timers.monotonicMs();
      const sweep = { ...deps, shards, scanLimit: PASSED_OVER };
      const mine = (current ??= { sweep: sweepOver(lanes, sweep), tookMs: 0 });
      const hasMore = await mine.sweep.step();
      deps.onRows();
      mine.tookMs += timers.monotonicMs() - startMs;
      if (current !== mine || hasMore) return;
      current = undefined;
      const restMs = Math.min(MAX_SWEEP_REST_MS, SWEEP_RESTS * mine.tookMs);
      nextAtMs = timers.monotonicMs() + Math.max(deps.sweepEveryMs, restMs);
    },
  };
};

/** Where to look for the rows of both. */
const joined = (one: DueHint | undefined, other: DueHint): DueHint =>
  one
    ? {
        position: other.position < one.position ? other.position : one.position,
        dueAt: Math.min(other.dueAt, one.dueAt),
      }
    : other;

export const dueReader = (deps: DueReaderDeps): DueReader => {
  const { dueJobs, buffer, clocks, timers, logger, onRows } = deps;
  const wake = wakeUp(timers);
  const sweeping = sweeps(deps);
  let table = freshTable([]);
  let pendingHint: DueHint | undefined;
  let nextTickAt = 0;
  const reading = { ...deps, isCurrent: (one: LaneTable) => one === table };

  /** @returns false when it is to go on immediately */
  const prefetch = async (): Promise<boolean> => {
    clocks.sample(await dueJobs.databaseNow());
    const horizon = clocks.now() + deps.aheadMs;
    await readForward(reading, table, horizon);
    const isDone = await passOver(reading, table, horizon);
    onRows();
    return isDone;
  };

  const step = async (): Promise<void> => {
    if (timers.monotonicMs() >= nextTickAt) {
      const before = table;
      const isDone = await prefetch();
      // other shards may have come meanwhile, of which nothing is read yet
      nextTickAt = isDone && table === before ? timers.monotonicMs() + deps.everyMs : 0;
    }
    const hint = pendingHint;
    pendingHint = undefined;
    if (hint) await follow(reading, table, hint);
    if (sweeping.isDue()) await sweeping.goOn(table);
  };

  const sweep = (): void => {
    sweeping.startOver();
    wake.call();
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', wake.call, { once: true });
    for (let failures = 0; !signal.aborted;) {
      try {
        await step();
        failures = 0;
        deps.vitals.moved();
        if (!sweeping.isUnderWay()) await wake.wait(nextTickAt - timers.monotonicMs());
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
      table = freshTable(rangesOf(held)); // rows of new shards may stand anywhere
      nextTickAt = 0;
      sweep();
    },
    hint: (hint) => {
      pendingHint = joined(pendingHint, hint);
      wake.call();
    },
    sweep,
    run,
  };
};
