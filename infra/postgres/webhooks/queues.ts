import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../../domain/time';
import type { WebhookDefinition } from '../../../domain/webhook/definition';

/** A webhook with deliveries that are due. */
export type DueQueue = {
  readonly webhookId: string;
  readonly ownerId: string;
  /** Whom the calls go to. */
  readonly host: string;
};

/** What is needed to call a webhook. */
export type CalledWebhook = {
  readonly definition: WebhookDefinition;
  /** Sealed. */
  readonly secret: string;
  readonly previous?: { readonly secret: string; readonly until: Instant };
  readonly failingSince?: Instant;
  /** In a row. */
  readonly failures: number;
};

/** Who delivers to which webhook. Leases go by the clock of the database, due times by the notifier's. */
export type WebhookQueues = {
  /** Those that wait longest and that nobody has, without those of these owners and hosts. */
  readonly due: (
    now: Instant,
    without: { readonly owners: readonly string[]; readonly hosts: readonly string[] },
    limit: number,
  ) => Promise<readonly DueQueue[]>;
  /** @returns those that were free */
  readonly lease: (
    webhookIds: readonly string[],
    holder: string,
    ttlMs: number,
  ) => Promise<readonly string[]>;
  /** @returns those that are still the holder's */
  readonly renew: (
    webhookIds: readonly string[],
    holder: string,
    ttlMs: number,
  ) => Promise<readonly string[]>;
  /** Gives a webhook back; its next delivery is due as its deliveries say, of one that is off never. */
  readonly release: (webhookId: string, holder: string, isOff: boolean) => Promise<void>;
  /** Undefined for one that is not active. */
  readonly find: (webhookId: string) => Promise<CalledWebhook | undefined>;
  /** Of the webhook that waits longest for its turn. */
  readonly oldestDueMs: (now: Instant) => Promise<number>;
  /** Those that are off are looked at no more; a minute late, for one that is resumed may not be known to be. */
  readonly putAside: (now: Instant) => Promise<void>;
};

type DueRow = { readonly webhook_id: string; readonly owner_id: string; readonly host: string };

/** One with more to go was made before the clock was set back, by somebody who may be dead. */
const LONGEST_LEASE = `interval '5 minutes'`;

const isFree = (leasedUntil: string): string =>
  `(${leasedUntil} is null or ${leasedUntil} not between clock_timestamp() and clock_timestamp() + ${LONGEST_LEASE})`;

const DUE = `
  select q.webhook_id, w.owner_id, w.host
  from webhook_queues q join webhooks w on w.webhook_id = q.webhook_id and w.status = 'active'
  where q.next_at < 'infinity' and q.next_at <= ?
    and ${isFree('q.leased_until')}
    and w.owner_id <> all(?::text[]) and w.host <> all(?::text[])
  order by q.next_at limit ?`;

const LEASE = `
  with free as (
    select webhook_id from webhook_queues
    where webhook_id = any(?::uuid[]) and ${isFree('leased_until')}
    order by webhook_id for update skip locked
  )
  update webhook_queues q set holder = ?, leased_until = clock_timestamp() + ? * interval '1 millisecond'
  from free where q.webhook_id = free.webhook_id
  returning q.webhook_id`;

/** A lease that has run out is nobody's any more, also when nobody else took it. */
const RENEW = `
  with held as (
    select webhook_id from webhook_queues
    where webhook_id = any(?::uuid[]) and holder = ? and leased_until >= clock_timestamp()
    order by webhook_id for update
  )
  update webhook_queues q set leased_until = clock_timestamp() + ? * interval '1 millisecond'
  from held where q.webhook_id = held.webhook_id
  returning q.webhook_id`;

const RELEASE = `
  update webhook_queues set
    holder = null, leased_until = null,
    next_at = case when ?::boolean then 'infinity' else greatest(coalesce(
      (select min(d.next_at) from webhook_deliveries d where d.webhook_id = ? and d.status = 'waiting'),
      'infinity'), rest_until) end
  where webhook_id = ?`;

const PUT_ASIDE_AFTER_MS = 60_000;

const PUT_ASIDE = `
  update webhook_queues q set next_at = 'infinity' from webhooks w
  where q.next_at < ? and q.holder is null and w.webhook_id = q.webhook_id and w.status <> 'active'`;

type CalledRow = {
  readonly definition: WebhookDefinition;
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly previous_until: Date | null;
  readonly failing_since: Date | null;
  readonly failures: number;
};

const called = (row: CalledRow): CalledWebhook => ({
  definition: row.definition,
  secret: row.secret,
  failures: row.failures,
  ...(row.previous_secret !== null &&
    row.previous_until && {
      previous: { secret: row.previous_secret, until: row.previous_until.getTime() },
    }),
  ...(row.failing_since && { failingSince: row.failing_since.getTime() }),
});

type IdRows = { readonly rows: readonly { readonly webhook_id: string }[] };

const idsIn = ({ rows }: IdRows): readonly string[] => rows.map(({ webhook_id }) => webhook_id);

export const webhookQueues = (db: Knex): WebhookQueues => ({
  due: async (now, { owners, hosts }, limit) => {
    const { rows } = await db.raw<{ rows: readonly DueRow[] }>(DUE, [
      toTimestamp(now),
      [...owners],
      [...hosts],
      limit,
    ]);
    return rows.map(({ webhook_id, owner_id, host }) => ({
      webhookId: webhook_id,
      ownerId: owner_id,
      host,
    }));
  },
  lease: async (webhookIds, holder, ttlMs) =>
    webhookIds.length === 0
      ? []
      : idsIn(await db.raw<IdRows>(LEASE, [[...webhookIds], holder, ttlMs])),
  renew: async (webhookIds, holder, ttlMs) =>
    idsIn(await db.raw<IdRows>(RENEW, [[...webhookIds], holder, ttlMs])),
  release: (webhookId, holder, isOff) =>
    db.transaction(async (trx) => {
      // first the row, then a look: whoever adds deliveries has the row until they can be seen
      const { rows } = await trx.raw<IdRows>(
        'select webhook_id from webhook_queues where webhook_id = ? and holder = ? for update',
        [webhookId, holder],
      );
      if (rows.length > 0) await trx.raw(RELEASE, [isOff, webhookId, webhookId]);
    }),
  find: async (webhookId) => {
    const { rows } = await db.raw<{ rows: readonly CalledRow[] }>(
      `select w.definition, w.secret, w.previous_secret, w.previous_until, q.failing_since, q.failures
       from webhooks w join webhook_queues q on q.webhook_id = w.webhook_id
       where w.webhook_id = ? and w.status = 'active'`,
      [webhookId],
    );
    return rows[0] && called(rows[0]);
  },
  oldestDueMs: async (now) => {
    const { rows } = await db.raw<{ rows: readonly { readonly next_at: Date }[] }>(
      `select q.next_at from webhook_queues q join webhooks w on w.webhook_id = q.webhook_id and w.status = 'active'
       where q.next_at < 'infinity' order by q.next_at limit 1`,
    );
    const [oldest] = rows;
    return oldest ? Math.max(0, now - oldest.next_at.getTime()) : 0;
  },
  putAside: async (now) => {
    await db.raw(PUT_ASIDE, [toTimestamp(now - PUT_ASIDE_AFTER_MS)]);
  },
});
