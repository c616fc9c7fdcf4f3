import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../../domain/time';

/** A delivery that is to be sent now. */
export type DueDelivery = {
  /** Also its `webhook-id`. */
  readonly deliveryId: string;
  readonly jobId: string;
  readonly body: string;
  /** That were made. */
  readonly attempts: number;
  readonly giveUpAt: Instant;
};

/** What came of an attempt. */
export type Attempted = {
  /** Of the answer; absent when there was none. */
  readonly answerStatus?: number;
  /** Its beginning. */
  readonly answerBody?: string;
  /** Why it failed. */
  readonly error?: string;
};

export type Settlement = Attempted & {
  readonly at: Instant;
  readonly next:
    | { readonly kind: 'delivered' }
    | { readonly kind: 'failed' }
    /** Tried again at this time. */
    | { readonly kind: 'waiting'; readonly nextAt: Instant };
  /** How long the webhook is left in peace, in ms. */
  readonly restMs: number;
};

export type WebhookDeliveries = {
  /** The first of each job that are due, those that wait longest first. */
  readonly due: (webhookId: string, now: Instant, limit: number) => Promise<readonly DueDelivery[]>;
  /**
   * Records an attempt; a delivery that has ended lets the next one of its job go.
   *
   * @returns false when the webhook is no longer the holder's: whoever has it sends again
   */
  readonly settle: (
    webhookId: string,
    holder: string,
    delivery: Pick<DueDelivery, 'deliveryId' | 'jobId'>,
    settlement: Settlement,
  ) => Promise<boolean>;
  /** Removes some that were made before `before`. @returns whether there may be more */
  readonly trim: (before: Instant, limit: number) => Promise<boolean>;
};

type DueRow = {
  readonly delivery_id: string;
  readonly job_id: string;
  readonly body: string;
  readonly attempts: number;
  readonly give_up_at: Date;
};

const HELD_QUEUE = `
  select failing_since from webhook_queues where webhook_id = ? and holder = ? for update`;

const SETTLE_QUEUE_WELL = `
  update webhook_queues set
    failing_since = null, failures = 0, rest_until = null, waiting = greatest(0, waiting - 1)
  where webhook_id = ?`;

const SETTLE_QUEUE_ILL = `
  update webhook_queues set
    failing_since = coalesce(failing_since, ?::timestamptz), failures = failures + 1,
    rest_until = ?::timestamptz, waiting = greatest(0, waiting - ?)
  where webhook_id = ?`;

const SETTLE = `
  update webhook_deliveries set
    status = ?, next_at = ?, attempts = attempts + 1, attempted_at = ?,
    answer_status = ?, answer_body = ?, error = ?
  where delivery_id = ?`;

const PROMOTE = `
  update webhook_deliveries set next_at = ?
  where next_at = 'infinity' and delivery_id = (
    select delivery_id from webhook_deliveries
    where webhook_id = ? and job_id = ? and status = 'waiting' and is_ordered
    order by position limit 1)`;

/** A target that is back is not kept waiting for the end of each pause; a page of them, the others follow by themselves. */
const HURRY = `
  update webhook_deliveries set next_at = ? where delivery_id in (
    select delivery_id from webhook_deliveries
    where webhook_id = ? and status = 'waiting' and next_at > ? and next_at < 'infinity'
    order by next_at limit 5000)`;

const TRIM = `
  with old as (
    delete from webhook_deliveries where delivery_id in (
      select delivery_id from webhook_deliveries where created_at < ? order by created_at limit ?)
    returning webhook_id, status
  ), waiting as (
    update webhook_queues q set waiting = greatest(0, q.waiting - o.count)
    from (select webhook_id, count(*) as count from old where status = 'waiting' group by webhook_id) o
    where q.webhook_id = o.webhook_id
  )
  select count(*)::integer as count from old`;

const settleQueue = async (
  trx: Knex.Transaction,
  webhookId: string,
  { at, next, restMs }: Settlement,
): Promise<void> => {
  if (next.kind === 'delivered') {
    await trx.raw(SETTLE_QUEUE_WELL, [webhookId]);
    return;
  }
  const restUntil = restMs > 0 ? toTimestamp(at + restMs) : null;
  const ended = next.kind === 'failed' ? 1 : 0;
  await trx.raw(SETTLE_QUEUE_ILL, [toTimestamp(at), restUntil, ended, webhookId]);
};

type HeldRows = { readonly rows: readonly { readonly failing_since: Date | null }[] };

export const webhookDeliveries = (db: Knex): WebhookDeliveries => ({
  due: async (webhookId, now, limit) => {
    const { rows } = await db.raw<{ rows: readonly DueRow[] }>(
      `select delivery_id, job_id, body, attempts, give_up_at from webhook_deliveries
       where webhook_id = ? and status = 'waiting' and next_at <= ?
       order by next_at, position limit ?`,
      [webhookId, toTimestamp(now), limit],
    );
    return rows.map((row) => ({
      deliveryId: row.delivery_id,
      jobId: row.job_id,
      body: row.body,
      attempts: row.attempts,
      giveUpAt: row.give_up_at.getTime(),
    }));
  },
  settle: (webhookId, holder, { deliveryId, jobId }, settlement) =>
    db.transaction(async (trx) => {
      const { rows } = await trx.raw<HeldRows>(HELD_QUEUE, [webhookId, holder]);
      const [held] = rows;
      if (!held) return false;
      const { next, answerStatus, answerBody, error } = settlement;
      const at = toTimestamp(settlement.at);
      await settleQueue(trx, webhookId, settlement);
      const nextAt = next.kind === 'waiting' ? toTimestamp(next.nextAt) : 'infinity';
      await trx.raw(SETTLE, [
        ...[next.kind, nextAt, at],
        ...[answerStatus ?? null, answerBody ?? null, error ?? null, deliveryId],
      ]);
      if (next.kind !== 'waiting') await trx.raw(PROMOTE, [at, webhookId, jobId]);
      const isBack = next.kind === 'delivered' && held.failing_since !== null;
      if (isBack) await trx.raw(HURRY, [at, webhookId, at]);
      return true;
    }),
  trim: async (before, limit) => {
    const { rows } = await db.raw<{ rows: readonly { readonly count: number }[] }>(TRIM, [
      toTimestamp(before),
      limit,
    ]);
    return (rows[0]?.count ?? 0) >= limit;
  },
});
