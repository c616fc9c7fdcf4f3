import type { AttemptCommands } from '../commands/attempt-commands';
import type { Instant } from '../domain/time';
import type { UnfinishedJobs } from '../projections/queries/unfinished-jobs';
import { backoffMs, pause, type BackoffPolicy } from './backoff';
import { innerController } from './inner-signal';
import type { Log } from './log';
import type { Process } from './process';
import { inParallel } from './rescuing/in-parallel';
import { lostMessages } from './rescuing/lost-messages';
import type { RescueMessageDeps } from './rescuing/rescue-message';
import { rescuerDefaults, type RescuerMetrics, type RescuerSettings } from './rescuing/settings';
import { steadyClock } from './rescuing/steady-clock';
import { systemTimers, type Timers } from './timers';

export type RescuerDeps = RescueMessageDeps & {
  readonly commands: AttemptCommands;
  readonly unfinished: UnfinishedJobs;
  readonly databaseNow: () => Promise<Instant>;
  /** Calls `work` if no other rescuer is at it right now; gives whether it was called. */
  readonly exclusively: (work: () => Promise<void>) => Promise<boolean>;
  readonly log: Log;
  readonly metrics: RescuerMetrics;
  readonly timers?: Timers;
  readonly settings?: Partial<RescuerSettings>;
};

/** How long one rescuer goes on before the others may try to be the one. */
const LEAD_MS = 30_000;
const failurePolicy: BackoffPolicy = { baseMs: 500, capMs: 5_000 };

/** Attempts whose executor is gone or late; needs no broker. */
const rescueAttempts = async (
  { unfinished, commands, metrics }: RescuerDeps,
  { overdueGraceMs, silentMs, pageSize, concurrency }: RescuerSettings,
  isSteady: boolean,
): Promise<void> => {
  await inParallel(
    await unfinished.overdue(overdueGraceMs, pageSize),
    concurrency,
    async ({ jobId, attempt }) => {
      if ((await commands.timeOut(jobId, attempt)) === 'done') metrics.rescued('timed-out');
    },
  );
  if (!isSteady) return; // after a jump of the clock everybody looks silent
  await inParallel(
    await unfinished.orphaned(silentMs, pageSize),
    concurrency,
    async ({ jobId, attempt, executorId }) => {
      if ((await commands.loseExecutor(jobId, attempt, executorId)) === 'done')
        metrics.rescued('executor-lost');
    },
  );
};

/**
 * Brings back what got stuck: messages that the broker has lost, attempts past their limit, attempts of
 * executors that are gone. Acts by the database clock and through the log, so several may run. While the
 * broker, the database or the log is away it waits: an outage is no reason to give up anybody's work.
 */
export const rescuer = (deps: RescuerDeps): Process => ({
  name: 'rescuer',
  run: async (signal) => {
    const settings = { ...rescuerDefaults, ...deps.settings };
    const { log, draw, timers = systemTimers } = deps;
    const stopping = innerController(signal).signal;
    const clock = steadyClock(timers, settings.silentMs);
    const messages = lostMessages({ ...deps, timers }, settings, stopping);

    const round = async (): Promise<void> => {
      const now = await deps.databaseNow();
      await rescueAttempts(deps, settings, clock.isSteadyAt(now));
      await messages.rescue(now);
    };
    let failures = 0;
    /** Many rounds by one lock, for taking it costs a connection. */
    const lead = async (): Promise<void> => {
      const untilMs = timers.monotonicMs() + LEAD_MS;
      while (!stopping.aborted && timers.monotonicMs() < untilMs) {
        await round();
        failures = 0;
        await pause(settings.everyMs, stopping);
      }
    };
    while (!stopping.aborted) {
      try {
        if (!(await deps.exclusively(lead))) await pause(settings.everyMs, stopping);
      } catch (error) {
        failures += 1;
        if (!stopping.aborted) log.warn({ err: error, failures }, 'rescue put off');
        await pause(settings.everyMs + backoffMs(failures, failurePolicy, draw()), stopping);
      }
    }
  },
});
