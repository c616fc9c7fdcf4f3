import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../../domain/time';
import type { WebhookDefinition } from '../../../domain/webhook/definition';
import type { ToldChange } from '../../../domain/webhook/delivery';
import { statusChange, type StatusChangeRow } from '../../../projections/queries/status-change-row';
import { parameters, plain, quotedText, type Column } from '../../../projections/writing/unnest';

/** A change, and a webhook of its owner that was active already. */
export type Telling = {
  readonly webhookId: string;
  readonly definition: WebhookDefinition;
  readonly change: ToldChange;
};

export type NewDelivery = {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly eventType: string;
  readonly position: bigint;
  readonly jobId: string;
  readonly body: string;
};

export type FannedOut = {
  readonly deliveries: number;
  /** Webhooks for which more waits than may. */
  readonly overfull: readonly string[];
  readonly hasMore: boolean;
};

export type FanOutOptions = {
  /** Changes of one page. */
  readonly pageSize: number;
  /** Deliveries that may wait for one webhook. */
  readonly maxWaiting: number;
  /** When a delivery that is made now is given up. */
  readonly retriedForMs: number;
};

export type WebhookFanOut = {
  /**
   * Turns the next changes of the status feed into deliveries, and remembers how far it came, all or nothing.
   *
   * @returns undefined when another notifier is at it
   */
  readonly advance: (
    now: Instant,
    deliveriesOf: (tellings: readonly Telling[]) => readonly NewDelivery[],
    options: FanOutOptions,
  ) => Promise<FannedOut | undefined>;
};

type TellingRow = StatusChangeRow & {
  readonly webhook_id: string;
  readonly definition: WebhookDefinition;
  readonly queue: string;
  readonly tags: readonly string[];
};

const telling = (row: TellingRow): Telling => ({
  webhookId: row.webhook_id,
  definition: row.definition,
  change: { ...statusChange(row), queue: row.queue, tags: row.tags },
});

const columns: readonly Column<NewDelivery>[] = [
  plain('delivery_id', 'uuid', ({ deliveryId }) => deliveryId),
  plain('webhook_id', 'uuid', ({ webhookId }) => webhookId),
  plain('event_type', 'text', ({ eventType }) => eventType),
  plain('position', 'bigint', ({ position }) => position),
  plain('job_id', 'uuid', ({ jobId }) => jobId),
  quotedText('body', 'text', ({ body }) => body),
];

const given = `unnest(${columns.map(({ type }) => `?::${type}[]`).join(', ')})
  as c(${columns.map(({ name }) => name).join(', ')})`;

/** Whose row is locked sees what waits; all are locked in one order, so nobody waits in a circle. */
const LOCK_QUEUES = `
  insert into webhook_queues as q (webhook_id, next_at, waiting)
  select webhook_id, ?::timestamptz, count from unnest(?::uuid[], ?::bigint[]) as c(webhook_id, count)
  order by webhook_id
  on conflict (webhook_id) do update set
    next_at = least(q.next_at, greatest(excluded.next_at, q.rest_until)),
    waiting = q.waiting + excluded.waiting
  returning webhook_id, waiting`;

/** What comes behind another one of its job is due when that has ended. */
const INSERT = `
  insert into webhook_deliveries
    (delivery_id, webhook_id, kind, event_type, position, job_id, body, status, is_ordered, attempts,
     next_at, give_up_at, created_at)
  select c.delivery_id, c.webhook_id, 'event', c.event_type, c.position, c.job_id, c.body, 'waiting', true, 0,
         case when exists (
                select from webhook_deliveries d
                where d.webhook_id = c.webhook_id and d.job_id = c.job_id and d.status = 'waiting' and d.is_ordered)
              or c.position > min(c.position) over (partition by c.webhook_id, c.job_id)
           then 'infinity' else ?::timestamptz end,
         ?, ?
  from ${given}
  on conflict (delivery_id) do nothing`;

type WaitingRow = { readonly webhook_id: string; readonly waiting: string };

const insertAll = async (
  trx: Knex.Transaction,
  now: Instant,
  deliveries: readonly NewDelivery[],
  { maxWaiting, retriedForMs }: FanOutOptions,
): Promise<readonly string[]> => {
  const counts = new Map<string, number>();
  for (const { webhookId } of deliveries) counts.set(webhookId, (counts.get(webhookId) ?? 0) + 1);
  const { rows } = await trx.raw<{ rows: readonly WaitingRow[] }>(LOCK_QUEUES, [
    toTimestamp(now),
    [...counts.keys()],
    [...counts.values()],
  ]);
  await trx.raw(INSERT, [
    ...[toTimestamp(now), toTimestamp(now + retriedForMs), toTimestamp(now)],
    ...parameters(columns, deliveries),
  ]);
  return rows
    .filter(({ waiting }) => Number(waiting) > maxWaiting)
    .map(({ webhook_id }) => webhook_id);
};

const PROJECTION = `'jobs'`;

const BEGIN = `
  insert into notifier_progress (work, position)
  select 'fan-out', position from checkpoint where projection = ${PROJECTION}
  on conflict (work) do nothing`;

/** Where the next page ends: without an active webhook at the end of the feed, for nobody is told of what is before. */
const PAGE = `
  select case when exists (select from webhooks where status = 'active')
           then (select max(position) from (
                   select position from status_feed where position > ? order by position limit ?) page)
           else (select position from checkpoint where projection = ${PROJECTION}) end as upto,
         (select count(*) from (
            select from status_feed where position > ? order by position limit ?) page)::integer as count`;

const TELLINGS = `
  select w.webhook_id, w.definition, f.position, f.job_id, f.owner_id, f.name, f.status, f.revision, f.attempt,
         f.due_at, f.at, j.queue, j.tags
  from status_feed f
  join webhooks w on w.owner_id = f.owner_id and w.status = 'active' and w.since_position < f.position
  join jobs j on j.job_id = f.job_id
  where f.position > ? and f.position <= ?
  order by f.position`;

const NOTHING: FannedOut = { deliveries: 0, overfull: [], hasMore: false };

export const webhookFanOut = (db: Knex): WebhookFanOut => ({
  advance: (now, deliveriesOf, options) =>
    db.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: readonly { readonly position: string }[] }>(
        `select position from notifier_progress where work = 'fan-out' for update skip locked`,
      );
      const from = rows[0]?.position;
      if (from === undefined) {
        const begun = await trx.raw<{ rowCount: number }>(BEGIN);
        return begun.rowCount > 0 ? NOTHING : undefined;
      }
      const { pageSize } = options;
      const page = await trx.raw<{
        rows: readonly { readonly upto: string | null; readonly count: number }[];
      }>(PAGE, [from, pageSize, from, pageSize]);
      const { upto = null, count = 0 } = page.rows[0] ?? {};
      if (upto === null || BigInt(upto) <= BigInt(from)) return NOTHING;
      const told = await trx.raw<{ rows: readonly TellingRow[] }>(TELLINGS, [from, upto]);
      const deliveries = deliveriesOf(told.rows.map(telling));
      const overfull =
        deliveries.length === 0 ? [] : await insertAll(trx, now, deliveries, options);
      await trx.raw(`update notifier_progress set position = ? where work = 'fan-out'`, [upto]);
      return { deliveries: deliveries.length, overfull, hasMore: count >= pageSize };
    }),
});
