import { randomUUID } from 'node:crypto';
import type { Draw } from '../../domain/chance';
import type { DueMessage, DueQueue } from '../../infra/nats/due-queue';
import type { ExecutorSubjects } from '../../infra/nats/names';
import { pause } from '../runtime/backoff';
import { demand, type Demand } from './demand';
import { gatewayClient, type GatewayClient } from './gateway-client';
import { limitTimers } from './limit-timers';
import type { Ask, Handlers } from './ports';
import { slots, type ExecutorMetrics, type Slots } from './slots';
import { innerController } from '../runtime/inner-signal';
import type { Log } from '../runtime/log';
import type { Process } from '../runtime/process';
import { HEARTBEAT_EVERY_MS, MAX_NAMED_RUNS, MAX_REASON_LENGTH } from '../protocol/heartbeat';
import { USUAL_MAX_MESSAGE_BYTES } from '../protocol/message-size';
import { systemTimers, type Timers } from '../runtime/timers';
import type { Vitals } from '../health/vitals';

export type ExecutorSettings = {
  /** Jobs in hand at once, from claim to report. */
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
  graceMs: 8_000,
  abandonAfterMs: 1_000,
  lastReportsMs: 1_000,
};

export type ExecutorDeps = {
  readonly queueName: string;
  readonly queue: DueQueue;
  readonly ask: Ask;
  /** Where gateways are asked. */
  readonly subjects: ExecutorSubjects;
  /** What the broker takes now; 1 MiB unless told. */
  readonly maxMessageBytes?: () => number;
  readonly handlers: Handlers;
  /** Begins the executor's id, which is fresh for each run; letters, digits, `_.:-`. */
  readonly idPrefix: string;
  readonly draw: Draw;
  readonly log: Log;
  readonly metrics: ExecutorMetrics;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<ExecutorSettings>;
};

const heartbeats = async (
  deps: ExecutorDeps,
  { heartbeatEveryMs }: ExecutorSettings,
  executorId: string,
  gateway: GatewayClient,
  inHand: Slots,
  { cannotTake }: Demand,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    try {
      const runs = inHand.inHand();
      const hindrance = cannotTake();
      const { abort, revoked, code } = await gateway.beat({
        executorId,
        queue: deps.queueName,
        running: inHand.running(),
        ...(runs.length <= MAX_NAMED_RUNS && { runs: [...runs] }),
        ...(hindrance !== undefined && { cannotTake: hindrance.slice(0, MAX_REASON_LENGTH) }),
      });
      for (const run of abort) inHand.abort(run, 'abort-requested');
      for (const run of revoked ?? []) inHand.abort(run, 'revoked');
      // a beat that is heard says nothing of pulls that are not
      if (hindrance === undefined) deps.vitals?.worked('broker');
      else deps.vitals?.failed('broker', new Error(hindrance));
      deps.vitals?.moved();
      if (code !== undefined) throw new Error(`the beat was not counted: ${code}`);
      // there may be more of these than one answer names
      await pause(revoked?.length ? heartbeatEveryMs / 5 : heartbeatEveryMs, signal);
    } catch (error) {
      deps.vitals?.failed('broker', error);
      deps.log.warn({ err: error, executorId }, 'a heartbeat was not heard');
      await pause(heartbeatEveryMs / 5, signal);
    }
  }
};

const signsOfLife = async (everyMs: number, inHand: Slots, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await pause(everyMs, signal);
    inHand.signOfLife();
  }
};

/** Lets what runs go on for a while, then tells it to stop, and waits for the last reports. */
const drain = async (
  { graceMs, abandonAfterMs, lastReportsMs }: ExecutorSettings,
  inHand: Slots,
  hurry: () => void,
  timers: Timers,
): Promise<void> => {
  const cancels = [
    timers.after(graceMs, () => {
      inHand.abortAll('executor-stopping');
    }),
    timers.after(graceMs + abandonAfterMs + lastReportsMs, hurry),
  ];
  await inHand.idle();
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
    const { log, draw, timers = systemTimers } = deps;
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

    const inHand = slots(
      {
        ...{ ...deps, ...settings, gateway, executorId },
        timers: limitTimers(timers),
        onFree: () => pulls.update(),
      },
      { stopping, hurrying: hurrying.signal },
    );
    const take = (message: DueMessage): void => {
      try {
        inHand.take(message);
      } catch (error) {
        log.error({ err: error }, 'a message could not be taken and was dropped');
        deps.metrics.poison();
        message.term();
      }
    };
    const pulls = demand({
      queue: deps.queue,
      wanted: inHand.wanted,
      onMessage: take,
      quantum: Math.max(1, Math.ceil(concurrency / 8)),
      expiresMs: settings.pullExpiresMs,
      draw,
      log,
    });
    const alive = Promise.all([
      heartbeats(deps, settings, executorId, gateway, inHand, pulls, drained.signal),
      signsOfLife(settings.signOfLifeEveryMs, inHand, drained.signal),
    ]);
    log.info({ executorId, queue: deps.queueName, concurrency }, 'executor takes jobs');
    await pulls.run(stopping);
    await drain(settings, inHand, () => hurrying.abort(), timers);
    drained.abort();
    await alive;
  },
});
