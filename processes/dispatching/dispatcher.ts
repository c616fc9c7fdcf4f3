import type { AttemptCommands } from '../../commands/attempt-commands';
import type { Clock } from '../../domain/time';
import type { Draw } from '../../domain/chance';
import type { HeldBackReason } from '../../domain/shares/held-back';
import type { HeldBack } from '../../infra/postgres/held-back';
import type { ToldBudgets } from '../../infra/postgres/queue-budgets';
import type { ShardLeases } from '../../infra/postgres/shard-leases';
import type { DueJobs } from '../../projections/queries/dispatching/due-jobs';
import type { LiveJobs } from '../../projections/queries/dispatching/live-jobs';
import type { Flow, UnstartedJobs } from '../../projections/queries/dispatching/unstarted-jobs';
import { alarm } from './alarm';
import { bothClocks } from './both-clocks';
import { deliveryLog } from './delivery-log';
import { deliver } from './deliver';
import { dueBuffer, type DueBuffer } from './due-buffer';
import type { DueHint } from './due-hint';
import { dueReader } from './due-reader';
import type { DispatcherMetrics } from './metrics';
import { places, type Places } from './shares/places';
import type { QueueDepths } from './shares/queue-budgets';
import type { WindowSettings } from './shares/queue-window';
import type { ShareLimits } from './shares/share-limits';
import { shardHolder } from './shard-holder';
import { tellBudgets } from './tell-budgets';
import type { DueMessages } from '../protocol/due-messages';
import { pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { systemTimers, type Timers } from '../runtime/timers';
import { unwatched, type Vitals } from '../health/vitals';

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
  /** Undelivered messages that a queue may have: at first and when nobody takes any, and at most. */
  readonly minQueueMessages: number;
  readonly maxQueueMessages: number;
  readonly ownerWindows: WindowSettings;
  readonly leaseEveryMs: number;
  readonly leaseTtlMs: number;
  /** How long a stop waits for messages whose dispatch is in the log. */
  readonly drainMs: number;
};

const TELL_HELD_EVERY_MS = 1_000;
const MAX_HELD_TOLD = 1_000;

/** A dispatcher that is not heard of for so long has lost its slots. */
export const LEASE_TTL_MS = 3_000;

const dispatcherDefaults: DispatcherSettings = {
  maxInFlight: 256,
  prefetchAheadMs: 1_000,
  prefetchEveryMs: 250,
  sweepEveryMs: 5_000,
  pageSize: 1_000,
  maxBufferedRows: 20_000,
  maxBufferedChars: 64 * 1_024 * 1_024,
  minQueueMessages: 256,
  maxQueueMessages: 10_000,
  ownerWindows: { aloneJobs: 512, besideJobs: 16, maxJobs: 4_096, aloneMs: 400, besideMs: 25 },
  leaseEveryMs: 1_000,
  leaseTtlMs: LEASE_TTL_MS,
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
  readonly commands: Pick<AttemptCommands, 'dispatch' | 'failDelivery'>;
  readonly dueJobs: DueJobs;
  readonly leases: ShardLeases;
  readonly messages: DueMessages;
  readonly depths: QueueDepths;
  readonly limits: ShareLimits;
  readonly countUnstarted: (flows: readonly Flow[]) => Promise<UnstartedJobs>;
  readonly countLive: () => Promise<LiveJobs>;
  readonly heldBack: HeldBack;
  readonly budgets: ToldBudgets;
  /** Tells of rows written by the projector until the returned function is called. */
  readonly listenForHints: (handlers: HintHandlers) => Promise<() => Promise<void>>;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: DispatcherMetrics;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<DispatcherSettings>;
};

/** Starts due jobs as long as there is room, and sets the alarm for the next one. */
const pump = (
  deps: DispatcherDeps,
  settings: DispatcherSettings,
  { stopping, hurrying }: { readonly stopping: AbortSignal; readonly hurrying: AbortController },
) => {
  const { clock, metrics, logger, timers = systemTimers, vitals = unwatched } = deps;
  const told = deliveryLog({ logger, timers, now: clock.now });
  const room: Places = places({
    ...deps,
    timers,
    ...settings,
    deliveryLog: told,
    onRoom: () => reconsider(),
  });
  const buffer: DueBuffer = dueBuffer(
    { maxRows: settings.maxBufferedRows, maxChars: settings.maxBufferedChars },
    room.holds,
  );
  const clocks = bothClocks(clock, timers);
  const send = deliver(
    { ...deps, vitals, buffer, deliveryLog: told },
    { stopping, hurrying: hurrying.signal },
  );
  const underWay = new Set<Promise<void>>();

  const start = (job: Parameters<typeof send>[0]): void => {
    const sent: Promise<void> = send(job, room.take(job)).finally(() => {
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
    metrics.waiting(buffer.waiting());
    metrics.inFlight(underWay.size);
  };
  const reconsider = (): void => {
    buffer.reconsider();
    run();
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
    told.close();
  };
  return { buffer, clocks, room, run, drain };
};

/** Says each second what waits though it is due, and why. */
const tellHeld = async (
  { heldBack, metrics, logger }: DispatcherDeps,
  buffer: DueBuffer,
  now: () => number,
  signal: AbortSignal,
): Promise<void> => {
  let wasHeld = true; // by a dispatcher before
  const counted = new Set<HeldBackReason>();
  while (!signal.aborted) {
    await pause(TELL_HELD_EVERY_MS, signal);
    const held = buffer.held(now() - TELL_HELD_EVERY_MS);
    for (const { reason } of held) counted.add(reason);
    for (const reason of counted)
      metrics.heldBack(reason, held.filter((one) => one.reason === reason).length);
    if (held.length === 0 && !wasHeld) continue;
    try {
      wasHeld = await heldBack.tell(held.slice(0, MAX_HELD_TOLD));
    } catch (error) {
      logger.warn({ err: error }, 'what waits for its turn could not be told');
    }
  }
};

/**
 * Takes scheduled jobs to their executors at the due time: never early, late by as little as can be.
 * Any number may run; they share the shards.
 */
export const dispatcher = (deps: DispatcherDeps): Process => ({
  name: 'dispatcher',
  run: async (signal) => {
    const settings = { ...dispatcherDefaults, ...deps.settings };
    const { logger, draw, dueJobs, metrics, timers = systemTimers, vitals = unwatched } = deps;
    const stopping = innerController(signal).signal;
    const hurrying = innerController(new AbortController().signal);
    const { buffer, clocks, room, run, drain } = pump(deps, settings, { stopping, hurrying });
    const reader = dueReader({
      dueJobs,
      buffer,
      clocks,
      timers,
      draw,
      logger,
      vitals,
      onRows: run,
      aheadMs: settings.prefetchAheadMs,
      everyMs: settings.prefetchEveryMs,
      sweepEveryMs: settings.sweepEveryMs,
      pageSize: settings.pageSize,
    });
    const shards = shardHolder({
      leases: deps.leases,
      holder: deps.holder,
      everyMs: settings.leaseEveryMs,
      ttlMs: settings.leaseTtlMs,
      draw,
      logger,
      vitals,
      onShards: (held) => {
        metrics.shards(held.size);
        room.setShards(held);
        reader.setShards(held);
      },
    });
    await deps.limits.readFirst(stopping);
    if (stopping.aborted) return;
    const stopListening = await deps.listenForHints({
      onHint: reader.hint,
      onConnect: reader.sweep,
    });
    await Promise.all([
      reader.run(stopping),
      shards.run(stopping),
      room.run(stopping),
      deps.limits.run(stopping),
      tellHeld(deps, buffer, clocks.now, stopping),
      tellBudgets(deps, room.budgets, stopping),
    ]);
    await stopListening();
    await drain();
    await shards.release().catch((error: unknown) => {
      logger.warn({ err: error }, 'dispatch shards not released; they expire by themselves');
    });
  },
});
