import { accept, reject, type Decider, type Decision } from '../decider';
import { isSame } from '../json/same';
import { toTimestamp } from '../time';
import type { WebhookCommand, WebhookRejection } from './commands';
import { webhookKindOf, type WebhookEvent, type WebhookFact } from './events';
import { initial, type WebhookState } from './state';

const decide = (
  command: WebhookCommand,
  state: WebhookState,
): Decision<WebhookEvent, WebhookRejection> => {
  if (command.type === 'CreateWebhook') {
    const { definition, secret } = command;
    return state.status === 'none'
      ? accept({ type: 'WebhookCreated', data: { ...definition, secret } })
      : reject({ code: 'webhook-exists' });
  }
  if (state.status === 'deleted' && command.type === 'DeleteWebhook') return accept();
  if (state.status === 'none' || state.status === 'deleted')
    return reject({ code: 'webhook-not-found' });
  switch (command.type) {
    case 'ChangeWebhook':
      return isSame(command.definition, state.definition)
        ? accept()
        : accept({ type: 'WebhookChanged', data: command.definition });
    case 'RotateSecret':
      return accept({
        type: 'WebhookSecretRotated',
        data: { secret: command.secret, previousUntil: toTimestamp(command.previousUntil) },
      });
    case 'DisableWebhook':
      return state.status === 'disabled'
        ? accept()
        : accept({ type: 'WebhookDisabled', data: { reason: command.reason } });
    case 'ResumeWebhook':
      return state.status === 'active' ? accept() : accept({ type: 'WebhookResumed', data: {} });
    case 'DeleteWebhook':
      return accept({ type: 'WebhookDeleted', data: {} });
  }
};

/** The webhook after one more fact. @throws Error for a fact that no decision could have recorded */
const evolve = (state: WebhookState, fact: WebhookFact): WebhookState =>
  webhookKindOf(fact.type).evolve(state, fact);

export const webhook: Decider<
  WebhookState,
  WebhookCommand,
  WebhookEvent,
  WebhookFact,
  WebhookRejection
> = { initial, decide, evolve };
