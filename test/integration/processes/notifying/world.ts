import { jobCommands, type JobCommands } from '../../../../commands/job-commands';
import type { CommandContext } from '../../../../commands/answers';
import type { WebhookAccepted, WebhookAnswer } from '../../../../commands/webhooks/webhook-answers';
import {
  webhookCommands,
  type AskedWebhook,
  type WebhookCommands,
} from '../../../../commands/webhooks/webhook-commands';
import { webhookEventTypes } from '../../../../domain/webhook/event-types';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { listenTo } from '../../../../infra/postgres/listen';
import { askedDeliveries, type AskedDeliveries } from '../../../../infra/postgres/webhooks/asked';
import { webhookDeliveries } from '../../../../infra/postgres/webhooks/deliveries';
import { webhookFanOut } from '../../../../infra/postgres/webhooks/fan-out';
import { webhookQueues } from '../../../../infra/postgres/webhooks/queues';
import { newWebhookSecret, secretBox } from '../../../../infra/secret-box';
import { outgoingCalls } from '../../../../processes/calling/outgoing-calls';
import { notifier, type NotifierDeps } from '../../../../processes/notifying/notifier';
import { sender } from '../../../../processes/notifying/send';
import { projector } from '../../../../processes/projecting/projector';
import type { Process } from '../../../../processes/runtime/process';
import { readModel as projected } from '../../../../projections/projections';
import { definition } from '../../../support/jobs';
import { silentNotifierMetrics } from '../../../support/notifier';
import { silentLogger, silentProjectorMetrics } from '../../../support/processes';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { until } from '../../../support/until';
import { webhookTarget, type WebhookTarget } from '../../../support/webhook-target';

export type Running = { readonly stop: () => Promise<void> };

export type NotifyingWorld = {
  readonly readModel: TestReadModel;
  readonly target: WebhookTarget;
  readonly webhooks: WebhookCommands;
  readonly asked: AskedDeliveries;
  /** Real time and what a test has added. */
  readonly clock: { readonly now: () => number; readonly add: (ms: number) => void };
  readonly runProjector: () => Running;
  readonly runNotifier: (changes?: Partial<NotifierDeps>) => Running;
  readonly deps: () => NotifierDeps;
  readonly box: ReturnType<typeof secretBox>;
  /** Registers one and waits until the read model has it. */
  readonly register: (
    ownerId: string,
    path: string,
    more?: Partial<AskedWebhook>,
  ) => Promise<{ readonly webhookId: string; readonly secret: string }>;
  readonly schedule: (ownerId: string, tags?: readonly string[]) => Promise<string>;
  readonly cancel: (ownerId: string, jobId: string) => Promise<void>;
  readonly statusOf: (ownerId: string, webhookId: string) => Promise<string>;
  readonly dispose: () => Promise<void>;
};

export const by = (id: string): CommandContext => ({
  actor: { kind: 'user', id },
  correlationId: 'test',
});

export const accepted = (answer: WebhookAnswer): WebhookAccepted => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};

/** Log in memory, real Postgres, a real projector, consumers on this machine. */
export const createNotifyingWorld = async (): Promise<NotifyingWorld> => {
  const [readModel, target] = await Promise.all([createReadModel(), webhookTarget()]);
  const { log, feed, eventAt } = memoryEventLog();
  let addedMs = 0;
  const clock = {
    now: () => Date.now() + addedMs,
    add: (ms: number) => {
      addedMs += ms;
    },
  };
  const realClock = { now: () => Date.now() };
  const box = secretBox('a signing secret of a test, long enough', 'webhooks');
  const recording = { log, clock: realClock, ids: uuids };
  const jobs: JobCommands = jobCommands(recording);
  const webhooks = webhookCommands({ ...recording, box, newSecret: newWebhookSecret });
  const { db, url } = readModel;
  const notices = listenTo({ url, applicationName: 'test', channel: 'projected' });
  const running = new Set<Running>();
  let started = 0;

  const run = (process: Process): Running => {
    const controller = new AbortController();
    const ended = process.run(controller.signal);
    const handle = {
      stop: async (): Promise<void> => {
        running.delete(handle);
        controller.abort();
        await ended;
      },
    };
    running.add(handle);
    return handle;
  };
  const deps = (): NotifierDeps => ({
    holder: `notifier-${++started}`,
    fanOut: webhookFanOut(db),
    queues: webhookQueues(db),
    deliveries: webhookDeliveries(db),
    commands: webhooks,
    send: sender({
      box,
      post: outgoingCalls({
        ...{ callsPerHost: 32, timeoutMs: 60_000, maxBodyBytes: 1_024, allowPrivateTargets: true },
      }),
      timeoutMs: 60_000,
    }),
    ids: uuids,
    onChanges: (changed) => notices.subscribe({ onMessage: changed, onConnect: changed }),
    clock,
    draw: () => 0.5,
    logger: silentLogger,
    metrics: silentNotifierMetrics,
    settings: { everyMs: 100, quietMs: 10, leaseMs: 1_000 },
  });
  const runProjector = (): Running =>
    run(
      projector({
        ...{ projection: projected, feed, eventLog: log, eventAt, clock: realClock },
        ...{ draw: Math.random, logger: silentLogger, metrics: silentProjectorMetrics },
        openSession: readModel.openSession,
      }),
    );
  const untilProjected = (position: bigint): Promise<unknown> =>
    until(
      async () => {
        const { rows } = await db.raw<{ rows: readonly { readonly position: string }[] }>(
          `select position from checkpoint where projection = 'jobs'`,
        );
        return BigInt(rows[0]?.position ?? -1) >= position;
      },
      { what: 'it is projected' },
    );

  return {
    ...{ readModel, target, webhooks, asked: askedDeliveries(db), clock, runProjector, deps, box },
    runNotifier: (changes = {}) => run(notifier({ ...deps(), ...changes })),
    register: async (ownerId, path, more = {}) => {
      const asked = { url: target.url(path), eventTypes: webhookEventTypes, ...more };
      const { webhookId, newSecret, position } = accepted(
        await webhooks.create(asked, by(ownerId)),
      );
      await untilProjected(position);
      return { webhookId, secret: box.open(newSecret ?? '', webhookId) ?? '' };
    },
    schedule: async (ownerId, tags = []) => {
      const { ownerId: _owner, ...rest } = { ...definition, tags };
      const dueAt = Date.now() + 3_600_000;
      const answer = await jobs.schedule({ definition: rest, dueAt }, by(ownerId));
      if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
      return answer.jobId;
    },
    cancel: async (ownerId, jobId) => {
      const answer = await jobs.cancel(jobId, undefined, by(ownerId));
      if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
    },
    statusOf: async (ownerId, webhookId) =>
      (await webhooks.load(webhookId, by(ownerId)))?.status ?? 'none',
    dispose: async () => {
      await Promise.all([...running].map(({ stop }) => stop()));
      await notices.stop();
      await Promise.all([readModel.dispose(), target.close()]);
    },
  };
};
