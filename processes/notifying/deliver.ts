import type { WebhookCommands } from '../../commands/webhooks/webhook-commands';
import type { Draw } from '../../domain/chance';
import type { Clock, Instant } from '../../domain/time';
import { RETRIED_FOR_MS, restMs, retryAt } from '../../domain/webhook/delivery';
import type { DisabledBecause } from '../../domain/webhook/state';
import type {
  Attempted,
  DueDelivery,
  Settlement,
  WebhookDeliveries,
} from '../../infra/postgres/webhooks/deliveries';
import type { WebhookQueues } from '../../infra/postgres/webhooks/queues';
import type { Timers } from '../runtime/timers';
import type { NotifierMetrics } from './metrics';
import type { Send, Target } from './send';
import type { NotifierSettings } from './settings';

export type DeliverDeps = {
  readonly holder: string;
  readonly queues: Pick<WebhookQueues, 'find'>;
  readonly deliveries: WebhookDeliveries;
  readonly commands: Pick<WebhookCommands, 'disable'>;
  readonly send: Send;
  readonly clock: Clock;
  readonly draw: Draw;
  readonly timers: Timers;
  readonly metrics: NotifierMetrics;
  readonly settings: Pick<NotifierSettings, 'callsPerQueue' | 'turnMs'>;
};

/** How a turn goes on, and how it ends. */
export type Turn = {
  /** False once the webhook is somebody else's, or all is to stop: nothing more is sent. */
  readonly goesOn: () => boolean;
  /** Cuts calls that are under way. */
  readonly signal: AbortSignal;
};

/** How a webhook has fared, while its turn lasts. */
type Course = { failures: number; failingSince: Instant | undefined; isOff: boolean };

const GONE = 410;

const outcomeOf = ({ error, answerStatus }: Attempted): 'delivered' | 'refused' | 'unanswered' => {
  if (error === undefined) return 'delivered';
  return answerStatus === undefined ? 'unanswered' : 'refused';
};

const reasonToDisable = (
  { answerStatus }: Attempted,
  { failingSince }: Course,
  at: Instant,
): DisabledBecause | undefined => {
  if (answerStatus === GONE) return 'gone';
  const isFailingForLong = failingSince !== undefined && at - failingSince >= RETRIED_FOR_MS;
  return isFailingForLong ? 'failing' : undefined;
};

/** Works on all, so many at once. */
const eachOf = async <T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
};

/**
 * Delivers to one webhook what is due, until nothing is, its turn is over or it is left in peace. Deliveries of one
 * job never go side by side: only the first of each is due.
 *
 * @returns whether it is off
 */
export const deliver = (deps: DeliverDeps) => {
  const { holder, deliveries, commands, clock, draw, metrics, settings, timers } = deps;

  const settlementOf = (
    { attempts, giveUpAt }: DueDelivery,
    attempted: Attempted,
    course: Course,
    at: Instant,
  ): Settlement => {
    if (attempted.error === undefined)
      return { ...attempted, at, next: { kind: 'delivered' }, restMs: 0 };
    const nextAt = retryAt(attempts + 1, at, giveUpAt, draw());
    const next =
      nextAt === undefined ? { kind: 'failed' as const } : { kind: 'waiting' as const, nextAt };
    return { ...attempted, at, next, restMs: restMs(course.failures) };
  };

  const attempt = async (
    target: Target,
    delivery: DueDelivery,
    course: Course,
    { signal }: Turn,
  ): Promise<void> => {
    const attempted = await deps.send(target, delivery, clock.now(), signal);
    if (attempted.error !== undefined && signal.aborted) return; // cut by us: the next one sends it again
    const at = clock.now();
    const isWell = attempted.error === undefined;
    course.failures = isWell ? 0 : course.failures + 1;
    course.failingSince = isWell ? undefined : (course.failingSince ?? at);
    const settlement = settlementOf(delivery, attempted, course, at);
    metrics.attempted(outcomeOf(attempted));
    if (settlement.next.kind === 'failed') metrics.givenUp();
    await deliveries.settle(target.webhookId, holder, delivery, settlement);
    const reason = isWell ? undefined : reasonToDisable(attempted, course, at);
    if (reason === undefined || course.isOff) return;
    course.isOff = true;
    await commands.disable(target.webhookId, reason);
    metrics.disabled(reason);
  };

  return async (webhookId: string, turn: Turn): Promise<boolean> => {
    const called = await deps.queues.find(webhookId);
    if (!called) return true;
    const { definition, secret, previous } = called;
    const target: Target = { webhookId, url: definition.url, secret, previous };
    const course: Course = {
      failures: called.failures,
      failingSince: called.failingSince,
      isOff: false,
    };
    const endsAtMs = timers.monotonicMs() + settings.turnMs;
    const isOver = (): boolean =>
      !turn.goesOn() || course.isOff || timers.monotonicMs() >= endsAtMs;
    for (;;) {
      // one that failed last time is tried with a single call
      const isProbe = course.failures > 0;
      const calls = isProbe ? 1 : settings.callsPerQueue;
      const due = await deliveries.due(webhookId, clock.now(), isProbe ? 1 : 4 * calls);
      if (due.length === 0) return course.isOff;
      await eachOf(due, calls, async (delivery) => {
        if (!isOver() && (isProbe || restMs(course.failures) === 0))
          await attempt(target, delivery, course, turn);
      });
      if (isOver() || restMs(course.failures) > 0) return course.isOff;
    }
  };
};
