import { WEBHOOK_STREAM_PREFIX } from '../../domain/ids';
import type { WebhookFact } from '../../domain/webhook/events';
import type { WebhookDefinition } from '../../domain/webhook/definition';
import type { DisabledBecause, WebhookStatus } from '../../domain/webhook/state';
import type { Timestamp } from '../../domain/time';
import type { RowChanges } from '../projection';
import type { Statement } from '../writing/write-session';

/** A webhook's event with its place in the log, and its time as it was written. */
export type PlacedWebhookFact = WebhookFact & {
  readonly webhookId: string;
  readonly position: bigint;
  readonly recordedAt: Timestamp;
};

/** What an event changes of a row; what is absent stays. */
type Change = {
  readonly status?: WebhookStatus;
  readonly definition?: WebhookDefinition;
  readonly secret?: string;
  readonly previousUntil?: Timestamp;
  readonly disabledBecause?: DisabledBecause;
};

const changeOf = (fact: PlacedWebhookFact): Change => {
  switch (fact.type) {
    case 'WebhookCreated': {
      const { secret, ...definition } = fact.data;
      return { status: 'active', definition, secret };
    }
    case 'WebhookChanged':
      return { definition: fact.data };
    case 'WebhookSecretRotated':
      return fact.data;
    case 'WebhookDisabled':
      return { status: 'disabled', disabledBecause: fact.data.reason };
    case 'WebhookResumed':
      return { status: 'active' };
    case 'WebhookDeleted':
      return { status: 'deleted' };
  }
};

/** Whom the calls go to, whatever the port. */
const hostOf = (url: string): string =>
  /^[a-z]+:\/\/(\[[^\]]*\]|[^/?#:]*)/i.exec(url)?.[1]?.toLowerCase() ?? '';

const columns = [
  ...['webhook_id', 'revision', 'position', 'owner_id', 'status', 'definition', 'host', 'secret'],
  ...['since_position', 'created_at'],
].join(', ');

const insertText = `
  insert into webhooks as t (${columns})
  values ($1, $2, $3, $4, 'active', $5, $6, $7, $3, $8)
  on conflict (webhook_id) do update set
    (${columns}, previous_secret, previous_until, disabled_because) =
      (excluded.webhook_id, excluded.revision, excluded.position, excluded.owner_id, excluded.status,
       excluded.definition, excluded.host, excluded.secret, excluded.since_position, excluded.created_at,
       null, null, null)
  where t.revision < excluded.revision`;

/** A column that stays keeps its value, but the reason why it is off goes with the status. */
const updateText = `
  update webhooks t set
    revision = $2, position = $3,
    owner_id = coalesce($4, owner_id),
    status = coalesce($5, status),
    definition = coalesce($6::json, definition),
    host = coalesce($7, host),
    previous_secret = case when $8::text is null then previous_secret else secret end,
    previous_until = coalesce($9::timestamptz, previous_until),
    secret = coalesce($8, secret),
    disabled_because = case when $5::text is null then disabled_because else $10 end,
    since_position = case when $5 = 'active' then $3 else since_position end
  where webhook_id = $1 and revision = $2::bigint - 1`;

const gapsText = `
  select '${WEBHOOK_STREAM_PREFIX}' || $1::uuid as stream
  where not exists (select from webhooks where webhook_id = $1::uuid and revision >= $2::bigint)`;

const orNull = <T>(value: T | undefined): T | null => value ?? null;

const insertion = (fact: PlacedWebhookFact, { definition, secret }: Change): Statement => {
  const { webhookId, revision, position, recordedAt } = fact;
  return {
    name: 'webhooks_insert',
    text: insertText,
    values: [
      ...[webhookId, String(revision), String(position), definition?.ownerId],
      ...[JSON.stringify(definition), hostOf(definition?.url ?? ''), secret, recordedAt],
    ],
  };
};

/** The statement of one event: webhooks change seldom. */
export const webhookStatement = (fact: PlacedWebhookFact): Statement | RowChanges => {
  const change = changeOf(fact);
  if (fact.type === 'WebhookCreated') return insertion(fact, change);
  const { webhookId, revision, position } = fact;
  const { status, definition, secret, previousUntil, disabledBecause } = change;
  return {
    name: 'webhooks_update',
    text: updateText,
    values: [
      ...[webhookId, String(revision), String(position), orNull(definition?.ownerId)],
      ...[orNull(status), definition ? JSON.stringify(definition) : null],
      ...[definition ? hostOf(definition.url) : null, orNull(secret), orNull(previousUntil)],
      orNull(disabledBecause),
    ],
    rows: 1,
    gaps: { text: gapsText, values: [webhookId, String(revision)] },
  };
};
