import type { Ids } from '../../domain/ids';
import type { SecretBox } from '../../domain/secret-box';
import type { WebhookDefinition } from '../../domain/webhook/definition';
import type { DisabledBecause, KnownWebhook } from '../../domain/webhook/state';
import type { CommandContext } from '../answers';
import type { HandleDeps } from '../handle';
import { webhookHandler } from './handle-webhook';
import type { WebhookAnswer } from './webhook-answers';
import { loadWebhookFor } from './webhook-stream';

export type AskedWebhook = Omit<WebhookDefinition, 'ownerId'>;

type Change = (webhookId: string, context: CommandContext) => Promise<WebhookAnswer>;

/** What may be asked of a webhook. Every call may throw as `EventLog` does, and WebhookUnreadable. */
export type WebhookCommands = {
  readonly create: (definition: AskedWebhook, context: CommandContext) => Promise<WebhookAnswer>;
  readonly change: (
    webhookId: string,
    definition: AskedWebhook,
    context: CommandContext,
  ) => Promise<WebhookAnswer>;
  /** Gives it a new secret; the one before signs as well for so long. */
  readonly rotate: (
    webhookId: string,
    previousValidMs: number,
    context: CommandContext,
  ) => Promise<WebhookAnswer>;
  readonly resume: Change;
  readonly remove: Change;
  /** For the notifier. */
  readonly disable: (webhookId: string, reason: DisabledBecause) => Promise<WebhookAnswer>;
  /** As its stream has it now; undefined for one that is unknown, deleted or not the actor's. */
  readonly load: (webhookId: string, context: CommandContext) => Promise<KnownWebhook | undefined>;
};

export type WebhookCommandDeps = HandleDeps & {
  readonly box: SecretBox;
  readonly newSecret: () => string;
};

const notifier = { kind: 'system', id: 'notifier' } as const;

const newWebhook = (ids: Ids, { idempotency, actor }: CommandContext): string =>
  idempotency ? ids.derive('webhook', actor.id, idempotency.key) : ids.next();

export const webhookCommands = (deps: WebhookCommandDeps): WebhookCommands => {
  const { log, ids, box, newSecret } = deps;
  const handle = webhookHandler(deps);
  const sealedSecret = (webhookId: string): string => box.seal(newSecret(), webhookId);

  return {
    create: (definition, context) => {
      const webhookId = newWebhook(ids, context);
      return handle({
        ...{ webhookId, context, isCreation: true },
        command: () => ({
          type: 'CreateWebhook',
          definition: { ...definition, ownerId: context.actor.id },
          secret: sealedSecret(webhookId),
        }),
      });
    },
    change: (webhookId, definition, context) =>
      handle({
        ...{ webhookId, context },
        // an operator changes a webhook, not whose it is
        command: (_at, webhook) => ({
          type: 'ChangeWebhook',
          definition: {
            ...definition,
            ownerId: webhook?.definition.ownerId ?? context.actor.id,
          },
        }),
      }),
    rotate: (webhookId, previousValidMs, context) =>
      handle({
        ...{ webhookId, context },
        command: (at) => ({
          type: 'RotateSecret',
          secret: sealedSecret(webhookId),
          previousUntil: at + previousValidMs,
        }),
      }),
    resume: (webhookId, context) =>
      handle({ webhookId, context, command: () => ({ type: 'ResumeWebhook' }) }),
    remove: (webhookId, context) =>
      handle({ webhookId, context, command: () => ({ type: 'DeleteWebhook' }) }),
    disable: (webhookId, reason) =>
      handle({
        webhookId,
        context: { actor: notifier, correlationId: webhookId },
        command: () => ({ type: 'DisableWebhook', reason }),
      }),
    load: async (webhookId, { actor }) => {
      const { state } = await loadWebhookFor(log, webhookId, actor);
      return state.status === 'none' || state.status === 'deleted' ? undefined : state;
    },
  };
};
