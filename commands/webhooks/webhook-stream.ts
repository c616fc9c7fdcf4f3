import { StreamGone, type EventLog, type RecordedEvent } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { EventTooNew } from '../../domain/events/upcast';
import { isTombstone, webhookStream } from '../../domain/ids';
import { webhook as decider } from '../../domain/webhook/decide';
import type { WebhookState } from '../../domain/webhook/state';
import { decodeWebhookEvent, type StoredWebhookFact } from '../../domain/webhook/stored-event';

export type LoadedWebhookFact = StoredWebhookFact & { readonly position: bigint };

export type LoadedWebhook = {
  readonly facts: readonly LoadedWebhookFact[];
  readonly state: WebhookState;
};

/** The stream of a webhook has an event that makes no sense, begins too late or is gone: nothing can be decided of it. */
export class WebhookUnreadable extends Error {
  override readonly name = 'WebhookUnreadable';
  /** Whose it is, as far as that is known. */
  readonly ownerId: string | undefined;

  constructor(webhookId: string, ownerId: string | undefined, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`webhook ${webhookId} cannot be read: ${why}`, { cause });
    this.ownerId = ownerId;
  }
}

const ownerOf = (state: WebhookState): string | undefined =>
  state.status === 'none' ? undefined : state.definition.ownerId;

const NOTHING: LoadedWebhook = { facts: [], state: decider.initial };

const readUnlessGone = async (
  log: Pick<EventLog, 'read'>,
  webhookId: string,
): Promise<readonly RecordedEvent[]> => {
  try {
    const events = await log.read(webhookStream(webhookId));
    return events.filter(({ type }) => !isTombstone(type));
  } catch (error) {
    throw error instanceof StreamGone ? new WebhookUnreadable(webhookId, undefined, error) : error;
  }
};

/** A webhook as its stream has it. @throws EventLogUnavailable, EventTooNew, WebhookUnreadable */
export const loadWebhook = async (
  log: Pick<EventLog, 'read'>,
  webhookId: string,
): Promise<LoadedWebhook> => {
  const events = await readUnlessGone(log, webhookId);
  const facts: LoadedWebhookFact[] = [];
  let state: WebhookState = decider.initial;
  for (const event of events)
    try {
      const fact = { ...decodeWebhookEvent(event), position: event.position };
      state = decider.evolve(state, fact);
      facts.push(fact);
    } catch (error) {
      if (error instanceof EventTooNew) throw error;
      throw new WebhookUnreadable(webhookId, ownerOf(state), error);
    }
  return { facts, state };
};

const isForeignTo = ({ kind, id }: Actor, ownerId: string | undefined): boolean =>
  kind === 'user' && ownerId !== id;

/** The same for somebody who asks: of what is not theirs they do not even learn that it cannot be read. */
export const loadWebhookFor = async (
  log: Pick<EventLog, 'read'>,
  webhookId: string,
  actor: Actor,
): Promise<LoadedWebhook> => {
  try {
    const loaded = await loadWebhook(log, webhookId);
    return isForeignTo(actor, ownerOf(loaded.state)) ? NOTHING : loaded;
  } catch (error) {
    if (error instanceof WebhookUnreadable && isForeignTo(actor, error.ownerId)) return NOTHING;
    throw error;
  }
};
