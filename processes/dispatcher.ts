import type { AttemptCommands } from '../commands/attempt-commands';
import type { Clock, Draw } from '../commands/ports';
import type { SlotLeases } from '../infra/postgres/slot-leases';
import type { DueJobs } from '../projections/queries/due-jobs';
import { alarm } from './dispatching/alarm';
import { bothClocks } from './dispatching/both-clocks';
import { deliver, type DeliveryMetrics } from './dispatching/deliver';
import { dueBuffer } from './dispatching/due-buffer';
import type { DueHint } from './dispatching/due-hint';
import { dueReader } from './dispatching/due-reader';
import { slotHolder } from './dispatching/slot-holder';
import type { DueMessages } from './due-messages';
import { innerController } from './inner-signal';
import type { Log } from './log';
import type { Process } from './process';
import { systemTimers, type Timers } from './timers';

export type DispatcherMetrics = DeliveryMetrics & {
  readonly slots: (held: number) => void;
  /** Rows in memory, and dispatches under way. */
  readonly load: (waiting: number, inFlight: number) => void;
};

export type DispatcherSettings = {
  /** Dispatches under way at once; 256 is where a burst no longer gets faster. */
  readonly maxInFlight: number;
  readonly prefetchAheadMs: number;
  readonly prefetchEveryMs: number;
  readonly sweepEveryMs: number;
  readonly pageSize: number;
  /** Rows kept in memory, and the characters of their messages. */
  readonly maxBufferedRows: number;
  readonly maxBufferedChars: number;
  readonly leaseEveryMs: number;
  readonly leaseTtlMs: number;
  /** How long a stop waits for messages whose dispatch is in the log. */
  readonly drainMs: number;
};

const dispatcherDefaults: DispatcherSettings = {
  maxInFlight: 256,
  prefetchAheadMs: 1_000,
  prefetchEveryMs: 250,
  sweepEveryMs: 5_000,
  pageSize: 1_000,
  maxBufferedRows: 20_000,
  maxBufferedChars: 64 * 1_024 * 1_024,
  leaseEveryMs: 1_000,
  leaseTtlMs: 3_000,
  drainMs: 5_000,
};

export type HintHandlers = {
  readonly onHint: (hint: DueHint) => void;
  /** Hints may have been missed: the connection is new. */
  readonly onConnect: () => void;
};

export type DispatcherDeps = {
  /** Fresh for each start; holds the leases. */
  readonly holder: string;
  readonly commands: Pick<AttemptCommands, 'dispatch'>;
  readonly dueJobs: DueJobs;
  readonly leases: SlotLeases;
  readonly messages: DueMessages;
  /** Tells of rows written by the projector until the returned function is called. */
  readonly listenForHints: (handlers: HintHandlers) => Promise<() => Promise<void>>;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly log: Log;
  readonly metrics: DispatcherMetrics;
  readonly timers?: Timers;
  readonly settings?: Partial<DispatcherSettings>;
};

/** Starts due jobs as long as there is room, and sets the alarm for the next one. */
const pump = (deps: DispatcherDeps, settings: DispatcherSettings, stopping: AbortSignal) => {
  const { clock, metrics, timers = systemTimers } = deps;
  const hurrying = innerController(new AbortController().signal);
  const buffer = dueBuffer({
    maxRows: settings.maxBufferedRows,
    maxChars: settings.maxBufferedChars,
  });
  const clocks = bothClocks(clock, timers);
  const send = deliver({ ...deps, buffer }, { stopping, hurrying: hurrying.signal });
  const underWay = new Set<Promise<void>>();

  const start = (job: Parameters<typeof send>[0]): void => {
    const sent: Promise<void> = send(job).finally(() => {
      underWay.delete(sent);
      run();
    });
    underWay.add(sent);
  };
  const run = (): void => {
    while (!stopping.aborted && underWay.size < settings.maxInFlight) {
      const job = buffer.take(clocks.now());
      if (!job) break;
      start(job);
    }
    const hasRoom = !stopping.aborted && underWay.size < settings.maxInFlight;
    ring.set(hasRoom ? buffer.nextDueAt() : undefined);
    metrics.load(buffer.waiting(), underWay.size);
  };
  const ring = alarm(timers, clocks.now, run);

  /** Finishes what is under way, or gives up after `drainMs`. */
  const drain = async (): Promise<void> => {
    ring.set(undefined);
    const cancel = timers.after(settings.drainMs, () => {
      hurrying.abort();
    });
    while (underWay.size > 0) await Promise.all(underWay);
    cancel();
  };
  return { buffer, clocks, run, drain };
};

/**
 * Takes scheduled jobs to their executors at the due time: never early, late by as little as can be.
 * Any number may run; they share the slots.
 */
export const dispatcher = (deps: DispatcherDeps): Process => ({
  name: 'dispatcher',
  run: async (signal) => {
    const settings = { ...dispatcherDefaults, ...deps.settings };
    const { log, draw, dueJobs, metrics, timers = systemTimers } = deps;
    const stopping = innerController(signal).signal;
    const { buffer, clocks, run, drain } = pump(deps, settings, stopping);
    const reader = dueReader({
      dueJobs,
      buffer,
      clocks,
      timers,
      draw,
      log,
      onRows: run,
      aheadMs: settings.prefetchAheadMs,
      everyMs: settings.prefetchEveryMs,
      sweepEveryMs: settings.sweepEveryMs,
      pageSize: settings.pageSize,
    });
    const slots = slotHolder({
      leases: deps.leases,
      holder: deps.holder,
      everyMs: settings.leaseEveryMs,
      ttlMs: settings.leaseTtlMs,
      draw,
      log,
      onSlots: (held) => {
        metrics.slots(held.size);
        reader.setSlots(held);
      },
    });
    if (stopping.aborted) return;
    const stopListening = await deps.listenForHints({
      onHint: reader.hint,
      onConnect: reader.sweep,
    });
    await Promise.all([reader.run(stopping), slots.run(stopping)]);
    await stopListening();
    await drain();
    await slots.release().catch((error: unknown) => {
      log.warn({ err: error }, 'dispatch slots not released; they expire by themselves');
    });
  },
});
