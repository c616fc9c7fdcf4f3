import { quoted, utc, who } from '../audit/phrases';
import type { StreamTrace } from '../audit/trace-table';
import { isText, isTexts, isTime, optional, type Fields } from '../events/fields';
import { checksOf, type Checked, type EventKind } from '../events/kind';
import { fromTimestamp, type Timestamp } from '../time';
import type { WebhookDefinition } from './definition';
import {
  known,
  type DisabledBecause,
  type KnownWebhook,
  type WebhookState,
  type WebhookStatus,
} from './state';

/** What verify remembers of a webhook. */
export type WebhookTrace = StreamTrace & { status: WebhookStatus | 'none' };

type WebhookAggregate = {
  readonly state: WebhookState;
  readonly trace: WebhookTrace;
  readonly status: WebhookTrace['status'];
  readonly found: KnownWebhook;
};

export type WebhookEventKind<Data> = EventKind<Data, WebhookAggregate>;

const webhookEvent = <Data>(kind: WebhookEventKind<Data>): WebhookEventKind<Data> & Checked => ({
  ...kind,
  checks: checksOf(kind.fields),
});

const definition: Fields<WebhookDefinition> = {
  ownerId: isText,
  url: isText,
  eventTypes: isTexts,
  description: optional(isText),
  queues: optional(isTexts),
  tags: optional(isTexts),
};

const reasons: Readonly<Record<DisabledBecause, string>> = {
  gone: 'the target answered that it is gone',
  failing: 'no delivery had succeeded for a day',
  backlog: 'more deliveries waited than may wait',
};

const withoutReason = ({ disabledBecause: _reason, ...webhook }: KnownWebhook): KnownWebhook =>
  webhook;

// The type names and the fields of all kinds are the storage format: never renamed, never removed.

/** All events of a webhook. */
export const kinds = {
  WebhookCreated: webhookEvent<WebhookDefinition & { readonly secret: string }>({
    fields: { ...definition, secret: isText },
    lawfulIn: ['none'],
    evolve: (_state, { at, revision, data: { secret, ...rest } }) => ({
      status: 'active',
      definition: rest,
      secret,
      revision,
      createdAt: at,
    }),
    trace: (webhook) => {
      webhook.status = 'active';
    },
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} registered it for ${data.eventTypes.join(', ')} at ${quoted(data.url)}`,
  }),

  WebhookChanged: webhookEvent<WebhookDefinition>({
    fields: definition,
    lawfulIn: ['active', 'disabled'],
    evolve: (state, fact) => ({
      ...known(state, fact),
      definition: fact.data,
      revision: fact.revision,
    }),
    trace: () => undefined,
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} changed it to ${data.eventTypes.join(', ')} at ${quoted(data.url)}`,
  }),

  WebhookSecretRotated: webhookEvent<{
    readonly secret: string;
    readonly previousUntil: Timestamp;
  }>({
    fields: { secret: isText, previousUntil: isTime },
    lawfulIn: ['active', 'disabled'],
    evolve: (state, fact) => {
      const before = known(state, fact);
      return {
        ...before,
        secret: fact.data.secret,
        previous: { secret: before.secret, until: fromTimestamp(fact.data.previousUntil) },
        revision: fact.revision,
      };
    },
    trace: () => undefined,
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} gave it another secret; the one before signs as well until ${utc(fromTimestamp(data.previousUntil))}`,
  }),

  WebhookDisabled: webhookEvent<{ readonly reason: DisabledBecause }>({
    fields: { reason: isText },
    lawfulIn: ['active'],
    evolve: (state, fact) => ({
      ...known(state, fact),
      status: 'disabled',
      disabledBecause: fact.data.reason,
      revision: fact.revision,
    }),
    trace: (webhook) => {
      webhook.status = 'disabled';
    },
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} turned it off, for ${reasons[data.reason]}`,
  }),

  WebhookResumed: webhookEvent<Readonly<Record<never, never>>>({
    fields: {},
    lawfulIn: ['disabled'],
    evolve: (state, fact) => ({
      ...withoutReason(known(state, fact)),
      status: 'active',
      revision: fact.revision,
    }),
    trace: (webhook) => {
      webhook.status = 'active';
    },
    rules: [],
    tell: ({ metadata }) => `${who(metadata.actor)} resumed it`,
  }),

  WebhookDeleted: webhookEvent<Readonly<Record<never, never>>>({
    fields: {},
    lawfulIn: ['active', 'disabled'],
    evolve: (state, fact) => ({
      ...withoutReason(known(state, fact)),
      status: 'deleted',
      revision: fact.revision,
    }),
    trace: (webhook) => {
      webhook.status = 'deleted';
    },
    rules: [],
    tell: ({ metadata }) => `${who(metadata.actor)} deleted it`,
  }),
};
