import type { Ids } from '../../domain/ids';
import { RETRIED_FOR_MS } from '../../domain/webhook/delivery';
import type { WebhookFanOut } from '../../infra/postgres/webhooks/fan-out';
import type { DueQueue, WebhookQueues } from '../../infra/postgres/webhooks/queues';
import { unwatched, type Vitals } from '../health/vitals';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import { isLogOutage } from '../runtime/log-outage';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { systemTimers } from '../runtime/timers';
import { wakeUp } from '../runtime/wake-up';
import { deliver, type DeliverDeps } from './deliver';
import { notifierDefaults, type NotifierSettings } from './settings';
import { deliveriesOf } from './tellings';
import { turns } from './turns';

export type NotifierDeps = Omit<DeliverDeps, 'queues' | 'settings' | 'timers'> & {
  readonly fanOut: WebhookFanOut;
  readonly queues: WebhookQueues;
  readonly ids: Pick<Ids, 'derive'>;
  /** Calls `changed` when jobs or webhooks may have changed; a lost call costs a second. @returns what ends that */
  readonly onChanges: (changed: () => void) => () => void;
  readonly logger: Logger;
  readonly vitals?: Vitals;
  readonly settings?: Partial<NotifierSettings>;
};

/** Calls that are under way when all is to stop get so long, in ms. */
const GRACE_MS = 3_000;
const TRIM_EVERY_MS = 60_000;
const TRIM_ROWS = 5_000;
const MEASURE_EVERY_MS = 5_000;
/** Renewals that may fail before a lease runs out. */
const RENEWALS = 4;

/** A loop of looks; one that fails is repeated, later each time. */
const looking =
  ({ logger, draw, vitals = unwatched }: NotifierDeps, stopping: AbortSignal) =>
  async (what: string, look: () => Promise<void>, rest: () => Promise<void>): Promise<void> => {
    for (let failures = 0; !stopping.aborted;)
      try {
        await look();
        failures = 0;
        vitals.worked('read-model');
        await rest();
      } catch (error) {
        failures += 1;
        vitals.failed(isLogOutage(error) ? 'event-store' : 'read-model', error);
        if (failures === 1) logger.warn({ err: error }, `${what} fails; trying again`);
        await pause(backoffMs(failures, outagePolicy, draw()), stopping);
      }
  };

/** Aborts some time after everything was to stop. */
const cutting = (stopping: AbortSignal): { signal: AbortSignal; end: () => void } => {
  const controller = innerController(new AbortController().signal);
  let cancel: () => void = () => undefined;
  stopping.addEventListener('abort', () => {
    cancel = systemTimers.after(GRACE_MS, () => {
      controller.abort(new Error('the notifier stops'));
    });
  });
  return { signal: controller.signal, end: () => cancel() };
};

/** The webhooks that this notifier has, and until when they are its own if it hears nothing more of them. */
const leases = (deps: NotifierDeps, settings: NotifierSettings) => {
  const timers = systemTimers;
  const until = new Map<string, number>();
  return {
    take: async (webhookIds: readonly string[]): Promise<readonly string[]> => {
      const fromMs = timers.monotonicMs();
      const taken = await deps.queues.lease(webhookIds, deps.holder, settings.leaseMs);
      for (const webhookId of taken) until.set(webhookId, fromMs + settings.leaseMs);
      return taken;
    },
    renew: async (): Promise<void> => {
      if (until.size === 0) return;
      const fromMs = timers.monotonicMs();
      const known = [...until.keys()];
      const renewed = new Set(await deps.queues.renew(known, deps.holder, settings.leaseMs));
      // some may have been given back meanwhile
      for (const webhookId of known.filter((id) => until.has(id)))
        if (renewed.has(webhookId)) until.set(webhookId, fromMs + settings.leaseMs);
        else until.delete(webhookId);
    },
    isMine: (webhookId: string): boolean =>
      (until.get(webhookId) ?? Number.NEGATIVE_INFINITY) > timers.monotonicMs(),
    /** Not renewed any more: somebody has it again when the lease has run out. */
    forget: (webhookId: string): void => {
      until.delete(webhookId);
    },
    giveBack: async (webhookId: string, isOff: boolean): Promise<void> => {
      until.delete(webhookId);
      await deps.queues.release(webhookId, deps.holder, isOff);
    },
  };
};

/** Takes webhooks that have something due, each when it is its turn, and delivers to them side by side. */
const delivering = (deps: NotifierDeps, settings: NotifierSettings, stopping: AbortSignal) => {
  const { queues, clock, metrics, logger, vitals = unwatched } = deps;
  const its = leases(deps, settings);
  const running = turns(settings);
  const work = deliver({ ...deps, settings, timers: systemTimers });
  const cut = cutting(stopping);
  const turned = wakeUp(systemTimers);
  const underWay = new Set<Promise<void>>();

  /** An error of our own holds up no other webhook. */
  const one = async ({ webhookId }: DueQueue): Promise<void> => {
    try {
      const goesOn = (): boolean => !stopping.aborted && its.isMine(webhookId);
      const isOff = await work(webhookId, { goesOn, signal: cut.signal });
      await its.giveBack(webhookId, isOff);
    } catch (error) {
      its.forget(webhookId);
      metrics.fault();
      vitals.failed(isLogOutage(error) ? 'event-store' : 'read-model', error);
      logger.warn({ err: error, webhookId }, 'a webhook cannot be delivered to now');
    } finally {
      running.end(webhookId);
      metrics.busy(running.size());
      turned.call();
    }
  };

  const begin = (queue: DueQueue): void => {
    running.begin(queue);
    const turn = one(queue).finally(() => underWay.delete(turn));
    underWay.add(turn);
  };

  return {
    renew: its.renew,
    wake: turned.call,
    wait: () => turned.wait(settings.everyMs),
    /** As many as there are places for. */
    take: async (): Promise<void> => {
      while (!stopping.aborted && running.free() > 0) {
        const due = await queues.due(clock.now(), running.full(), 2 * running.free());
        const chosen = running.choose(due);
        const taken = new Set(await its.take(chosen.map(({ webhookId }) => webhookId)));
        for (const queue of chosen) if (taken.has(queue.webhookId)) begin(queue);
        metrics.busy(running.size());
        if (taken.size === 0) return;
      }
    },
    drain: async (): Promise<void> => {
      await Promise.all(underWay);
      cut.end();
    },
  };
};

/**
 * Tells webhooks of changes of their owners' jobs: turns the status feed into deliveries from a kept position on, and
 * sends them. Any number may run: a row lock has one of them read the feed, a lease has one of them deliver to a webhook.
 */
export const notifier = (deps: NotifierDeps): Process => ({
  name: 'notifier',
  run: async (signal) => {
    const { fanOut, queues, deliveries, commands, clock, metrics, logger } = deps;
    const { vitals = unwatched } = deps;
    const settings = { ...notifierDefaults, ...deps.settings };
    const stopping = innerController(signal).signal;
    const changed = wakeUp(systemTimers);
    const look = looking(deps, stopping);
    const sending = delivering(deps, settings, stopping);
    const make = deliveriesOf(deps.ids);
    const options = { ...settings, retriedForMs: RETRIED_FOR_MS };

    const turnOff = async (webhookId: string): Promise<void> => {
      try {
        await commands.disable(webhookId, 'backlog');
        metrics.disabled('backlog');
      } catch (error) {
        metrics.fault();
        logger.warn({ err: error, webhookId }, 'a webhook cannot be turned off now');
      }
    };
    const follow = async (): Promise<void> => {
      for (let hasMore = true; hasMore && !stopping.aborted;) {
        const done = await fanOut.advance(clock.now(), make, options);
        hasMore = done?.hasMore ?? false;
        if (!done || done.deliveries === 0) continue;
        metrics.made(done.deliveries);
        sending.wake();
        for (const webhookId of done.overfull) await turnOff(webhookId);
      }
      vitals.moved();
    };
    const trim = async (): Promise<void> => {
      while (
        !stopping.aborted &&
        (await deliveries.trim(clock.now() - settings.keptMs, TRIM_ROWS))
      );
      await queues.putAside(clock.now());
    };
    const measure = async (): Promise<void> => {
      metrics.oldestDueMs(await queues.oldestDueMs(clock.now()));
    };
    const resting = (everyMs: number) => () => pause(everyMs, stopping);

    const stopListening = deps.onChanges(changed.call);
    stopping.addEventListener('abort', () => {
      changed.call();
      sending.wake();
    });
    // leases are renewed until the last call is over
    const renewing = innerController(new AbortController().signal);
    const renewals = looking(deps, renewing.signal)('renewing leases', sending.renew, () =>
      pause(settings.leaseMs / RENEWALS, renewing.signal),
    );
    try {
      await Promise.all([
        look('reading the status feed', follow, async () => {
          await pause(settings.quietMs, stopping);
          await changed.wait(settings.everyMs);
        }),
        look('taking webhooks', sending.take, sending.wait),
        look('trimming deliveries', trim, resting(TRIM_EVERY_MS)),
        look('measuring webhooks', measure, resting(MEASURE_EVERY_MS)),
      ]);
      await sending.drain();
    } finally {
      stopListening();
      renewing.abort();
      await renewals;
    }
  },
});
