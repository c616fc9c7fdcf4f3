import { randomUUID } from 'node:crypto';
import type { Draw } from '../../domain/chance';
import type { DueMessage, DueQueue } from '../../infra/nats/due-queue';
import type { ExecutorSubjects } from '../../infra/nats/names';
import { pause } from '../runtime/backoff';
import { prefetch } from './prefetch';
import { gatewayClient } from './gateway-client';
import { heartbeats } from './heartbeats';
import { limitTimers } from './limit-timers';
import type { Ask, Handlers } from './ports';
import type { ExecutorMetrics } from './metrics';
import { slots, type Slots } from './slots';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { HEARTBEAT_EVERY_MS } from '../protocol/heartbeat';
import { USUAL_MAX_MESSAGE_BYTES } from '../protocol/message-size';
import { systemTimers, type Timers } from '../runtime/timers';
import type { Vitals } from '../health/vitals';

export type ExecutorSettings = {
  /** Jobs in flight at once, from claim to report. */
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  /** How long a claim is asked for again before the message is given back. */
  readonly claimPatienceMs: number;
  readonly pullExpiresMs: number;
  readonly heartbeatEveryMs: number;
  /** How often the broker is told of claims that take long; less than half of its ack wait. */
  readonly signOfLifeEveryMs: number;
  /** How long a stop lets running jobs go on. */
  readonly graceMs: number;
  /** How long a handler that was told to stop may take for it. */
  readonly abandonAfterMs: number;
  /** How long a stop waits for the last reports, after the jobs were told to stop. */
  readonly lastReportsMs: number;
};

const executorDefaults: ExecutorSettings = {
  concurrency: 100,
  requestTimeoutMs: 5_000,
  claimPatienceMs: 30_000,
  pullExpiresMs: 10_000,
  heartbeatEveryMs: HEARTBEAT_EVERY_MS,
  signOfLifeEveryMs: 3_000,
  // all three within what a stop may take: runtime/stop-limits.ts
  graceMs: 6_500,
  abandonAfterMs: 1_000,
  lastReportsMs: 1_000,
};

export type ExecutorDeps = {
  readonly queueName: string;
  readonly queue: DueQueue;
  readonly ask: Ask;
  /** Where gateways are asked. */
  readonly subjects: ExecutorSubjects;
  /** What the broker takes now; by default 1 MiB. */
  readonly maxMessageBytes?: () => number;
  readonly handlers: Handlers;
  /** Begins the executor's id, which is fresh for each run; letters, digits, `_.:-`. */
  readonly idPrefix: string;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: ExecutorMetrics;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<ExecutorSettings>;
};

const signsOfLife = async (
  everyMs: number,
  inFlight: Slots,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await pause(everyMs, signal);
    inFlight.signOfLife();
  }
};

/** Lets what runs go on for a while, then tells it to stop, and waits for the last reports. */
const drain = async (
  { graceMs, abandonAfterMs, lastReportsMs }: ExecutorSettings,
  inFlight: Slots,
  hurry: () => void,
  timers: Timers,
): Promise<void> => {
  const cancels = [
    timers.after(graceMs, () => {
      inFlight.abortAll('executor-stopping');
    }),
    timers.after(graceMs + abandonAfterMs + lastReportsMs, hurry),
  ];
  await inFlight.idle();
  for (const cancel of cancels) cancel();
};

/**
 * The reference executor: takes due jobs of one queue, claims, runs, reports. It knows nothing but what
 * docs/executor-protocol.md says.
 */
export const executor = (deps: ExecutorDeps): Process => ({
  name: 'executor',
  run: async (signal) => {
    const settings = { ...executorDefaults, ...deps.settings };
    const { concurrency } = settings;
    const { logger, draw, timers = systemTimers } = deps;
    const stopping = innerController(signal).signal;
    if (stopping.aborted) return;
    const hurrying = innerController(new AbortController().signal);
    const drained = innerController(new AbortController().signal);
    const executorId = `${deps.idPrefix}-${randomUUID()}`;
    const gateway = gatewayClient({
      ask: deps.ask,
      subjects: deps.subjects,
      timeoutMs: settings.requestTimeoutMs,
      timers,
      maxMessageBytes: deps.maxMessageBytes ?? (() => USUAL_MAX_MESSAGE_BYTES),
    });

    const inFlight = slots(
      {
        ...{ ...deps, ...settings, gateway, executorId },
        timers: limitTimers(timers),
        onFree: () => pulls.update(),
      },
      { stopping, hurrying: hurrying.signal },
    );
    const take = (message: DueMessage): void => {
      try {
        inFlight.take(message);
      } catch (error) {
        logger.error({ err: error }, 'a message could not be taken and was dropped');
        deps.metrics.dropped('poison');
        message.term();
      }
    };
    const pulls = prefetch({
      queue: deps.queue,
      wanted: inFlight.wanted,
      onMessage: take,
      quantum: Math.max(1, Math.ceil(concurrency / 8)),
      expiresMs: settings.pullExpiresMs,
      draw,
      logger,
    });
    const alive = Promise.all([
      heartbeats(
        { ...deps, ...settings, executorId, gateway, inFlight, cannotTake: pulls.cannotTake },
        drained.signal,
      ),
      signsOfLife(settings.signOfLifeEveryMs, inFlight, drained.signal),
    ]);
    logger.info({ executorId, queue: deps.queueName, concurrency }, 'executor takes jobs');
    await pulls.run(stopping);
    await drain(settings, inFlight, () => hurrying.abort(), timers);
    drained.abort();
    await alive;
  },
});
