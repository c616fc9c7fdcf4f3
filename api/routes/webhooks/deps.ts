import type { PastWebhookListRequest, PastWebhookPage } from '../../../commands/webhooks/past-list';
import type { WebhookCommands } from '../../../commands/webhooks/webhook-commands';
import type { AsOf } from '../../../domain/audit/as-of';
import type { Actor } from '../../../domain/events/metadata';
import type { KnownWebhook } from '../../../domain/webhook/state';
import type { Clock, Instant } from '../../../domain/time';
import type { DeliveryList } from '../../../projections/queries/webhooks/deliveries';
import type { WebhookList } from '../../../projections/queries/webhooks/list';
import type { LocationRules } from '../../access/limits';
import type { OwnerQuota } from '../../access/owner-quota';
import type { StreamReads } from '../../access/stream-reads';
import type { Cursors } from '../../http/cursor';
import type { QueryFreshness } from '../../http/staleness';

/** What came of a test. */
export type TestAnswer = {
  readonly deliveryId: string;
  readonly answerStatus?: number;
  readonly answerBody?: string;
  readonly error?: string;
};

/** What the program composes of webhooks. */
export type Webhooks = {
  readonly commands: WebhookCommands;
  readonly list: WebhookList;
  /** From the log; undefined for one that was not there. */
  readonly asOf: (webhookId: string, actor: Actor, asOf: AsOf) => Promise<KnownWebhook | undefined>;
  /** A list as it stood then: which were registered when by the read model, all else from the log. */
  readonly pastList: (request: PastWebhookListRequest) => Promise<PastWebhookPage>;
  readonly deliveries: DeliveryList;
  /** What waits goes on at once. */
  readonly wake: (webhookId: string, now: Instant) => Promise<void>;
  /** @returns false when there is no such delivery */
  readonly resend: (webhookId: string, deliveryId: string, now: Instant) => Promise<boolean>;
  /** Undefined while others of this owner, or too many of all, are being tested. */
  readonly test: (webhookId: string, webhook: KnownWebhook) => Promise<TestAnswer> | undefined;
  /** Opens a sealed secret; undefined for one that was sealed with another key. */
  readonly openSecret: (sealed: string, webhookId: string) => string | undefined;
};

export type WebhooksDeps = Webhooks & {
  readonly quota: OwnerQuota | undefined;
  readonly rules: LocationRules;
  readonly freshness: QueryFreshness;
  readonly cursors: Cursors;
  readonly streamReads: StreamReads;
  readonly clock: Clock;
};
