import { factsAsOf, type AsOf } from '../../domain/audit/as-of';
import { fold } from '../../domain/decider';
import type { EventLog } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { webhook as decider } from '../../domain/webhook/decide';
import type { KnownWebhook } from '../../domain/webhook/state';
import { loadWebhookFor } from './webhook-stream';

/**
 * A webhook as it stood then, folded from its stream, which is short; undefined for one that is unknown, not yet
 * registered, deleted by then or not the actor's.
 *
 * @throws EventLogUnavailable, EventTooNew, WebhookUnreadable
 */
export const webhookAsOf = async (
  log: Pick<EventLog, 'read'>,
  webhookId: string,
  actor: Actor,
  asOf: AsOf,
): Promise<KnownWebhook | undefined> => {
  const { facts } = await loadWebhookFor(log, webhookId, actor);
  const state = fold(decider.evolve, decider.initial, factsAsOf(facts, asOf));
  return state.status === 'none' || state.status === 'deleted' ? undefined : state;
};
