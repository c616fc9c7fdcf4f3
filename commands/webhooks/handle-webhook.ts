import { foldAppended, reject } from '../../domain/decider';
import { webhookStream } from '../../domain/ids';
import type { Instant } from '../../domain/time';
import type { WebhookCommand } from '../../domain/webhook/commands';
import { webhook as decider } from '../../domain/webhook/decide';
import type { WebhookEvent } from '../../domain/webhook/events';
import type { KnownWebhook, WebhookState } from '../../domain/webhook/state';
import type { CommandContext } from '../answers';
import { appendKeyed, commandIdOf } from '../append-request';
import { decideAndAppend } from '../decide-and-append';
import type { HandleDeps } from '../handle';
import type { WebhookAnswer, WebhookCommandRejection } from './webhook-answers';
import { loadWebhook, loadWebhookFor, type LoadedWebhook } from './webhook-stream';

export type WebhookOrder = {
  readonly webhookId: string;
  readonly context: CommandContext;
  /** Absent for one that asks of a webhook that is there. */
  readonly isCreation?: true;
  readonly command: (at: Instant, webhook: KnownWebhook | undefined) => WebhookCommand;
};

/** One webhook has few writers: more lost races in a row are a fault. */
const MAX_ROUNDS = 10;

const rejected = (rejection: WebhookCommandRejection): WebhookAnswer => ({
  outcome: 'rejected',
  rejection,
});

const knownIn = (state: WebhookState): KnownWebhook | undefined =>
  state.status === 'none' ? undefined : state;

const secretIn = (events: readonly WebhookEvent[]): { readonly newSecret?: string } => {
  const made = events.find((event) => 'secret' in event.data);
  return made && 'secret' in made.data ? { newSecret: made.data.secret } : {};
};

const accepted = (
  { webhookId }: WebhookOrder,
  webhook: KnownWebhook,
  position: bigint,
  made: { readonly isReplay: boolean; readonly newSecret?: string },
): WebhookAnswer => ({
  outcome: 'accepted',
  webhookId,
  webhook,
  revision: webhook.revision,
  position,
  ...made,
});

/** What settles an order before anything is decided: a repeat, a stale If-Match. */
const settled = (
  order: WebhookOrder,
  commandId: string,
  { facts, state }: LoadedWebhook,
): WebhookAnswer | undefined => {
  if (state.status === 'none') return undefined;
  const { idempotency, ifMatch } = order.context;
  const earlier = idempotency
    ? facts.filter(({ metadata }) => metadata.commandId === commandId)
    : [];
  const last = earlier.at(-1);
  if (last)
    return last.metadata.fingerprint === idempotency?.fingerprint
      ? accepted(order, state, last.position, { isReplay: true, ...secretIn(earlier) })
      : rejected({ code: 'idempotency-key-reused' });
  const isStale = ifMatch !== undefined && ifMatch !== state.revision;
  return isStale ? rejected({ code: 'revision-mismatch', revision: state.revision }) : undefined;
};

export const webhookHandler = (deps: HandleDeps) => {
  const { log, ids } = deps;

  /** Every call may throw as `EventLog` does, and WebhookUnreadable. */
  return async (order: WebhookOrder): Promise<WebhookAnswer> => {
    const { webhookId, context, isCreation } = order;
    const commandId = commandIdOf(ids, isCreation ? 'webhooks' : webhookId, context);
    const done = await decideAndAppend<LoadedWebhook, WebhookEvent, WebhookAnswer>(deps, {
      maxRounds: MAX_ROUNDS,
      // one that is made has an id made of who asks, or a new one: nobody else's can be met there
      load: () =>
        isCreation ? loadWebhook(log, webhookId) : loadWebhookFor(log, webhookId, context.actor),
      decide: (at, loaded) => {
        const earlier = settled(order, commandId, loaded);
        if (earlier) return reject(earlier);
        const decision = decider.decide(order.command(at, knownIn(loaded.state)), loaded.state);
        return decision.outcome === 'rejected' ? reject(rejected(decision.rejection)) : decision;
      },
      append: async (events, { state }, at) => {
        const expected = state.status === 'none' ? 'no-stream' : state.revision;
        const stream = webhookStream(webhookId);
        const asked = { stream, subjectId: webhookId, commandId, context, expected } as const;
        const appended = await appendKeyed(deps, asked, events, at);
        return appended.outcome === 'rejected' ? reject(rejected(appended.rejection)) : appended;
      },
    });
    if (done.outcome === 'contended') return done;
    if (done.outcome === 'rejected') return done.rejection;
    const { facts, state } = done.loaded;
    const isUnchanged = done.outcome === 'unchanged';
    const now = knownIn(isUnchanged ? state : foldAppended(decider.evolve, state, done));
    if (!now) return rejected({ code: 'webhook-not-found' });
    return isUnchanged
      ? accepted(order, now, facts.at(-1)?.position ?? 0n, { isReplay: false })
      : accepted(order, now, done.position, { isReplay: false, ...secretIn(done.events) });
  };
};
