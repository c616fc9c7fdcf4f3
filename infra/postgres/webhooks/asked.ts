import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../../domain/time';
import { RETRIED_FOR_MS } from '../../../domain/webhook/delivery';
import type { Attempted } from './deliveries';

export type TestDelivery = Attempted & {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly body: string;
  readonly at: Instant;
};

/** What users ask of deliveries. */
export type AskedDeliveries = {
  /** What waits goes on at once, as if nothing had failed before. */
  readonly wake: (webhookId: string, now: Instant) => Promise<void>;
  /** Sends it again under the same id, whatever came of it. @returns false when there is none */
  readonly resend: (webhookId: string, deliveryId: string, now: Instant) => Promise<boolean>;
  /** Keeps a test that was made. */
  readonly keepTest: (test: TestDelivery) => Promise<void>;
};

const LOCK_AND_WAKE = `
  insert into webhook_queues as q (webhook_id, next_at, waiting) values (?, ?, 0)
  on conflict (webhook_id) do update set
    next_at = excluded.next_at, rest_until = null, failing_since = null, failures = 0`;

/** One that stands behind another of its job stays there; the first of each job is due. */
const DUE_NOW = `
  update webhook_deliveries d set next_at = ?
  where d.webhook_id = ? and d.status = 'waiting' and not exists (
    select from webhook_deliveries e
    where e.webhook_id = d.webhook_id and e.job_id = d.job_id and e.status = 'waiting' and e.is_ordered
      and e.position < d.position)`;

const RESEND = `
  update webhook_deliveries set
    status = 'waiting', next_at = ?, give_up_at = ?,
    is_ordered = is_ordered and status = 'waiting'
  where delivery_id = ?`;

export const askedDeliveries = (db: Knex): AskedDeliveries => ({
  wake: (webhookId, now) =>
    db.transaction(async (trx) => {
      const at = toTimestamp(now);
      await trx.raw(LOCK_AND_WAKE, [webhookId, at]);
      await trx.raw(DUE_NOW, [at, webhookId]);
    }),
  resend: (webhookId, deliveryId, now) =>
    db.transaction(async (trx) => {
      const at = toTimestamp(now);
      await trx.raw('select from webhook_queues where webhook_id = ? for update', [webhookId]);
      const { rows } = await trx.raw<{ rows: readonly { readonly status: string }[] }>(
        `select status from webhook_deliveries
         where delivery_id = ? and webhook_id = ? and kind = 'event'`,
        [deliveryId, webhookId],
      );
      const status = rows[0]?.status;
      if (status === undefined) return false;
      await trx.raw(RESEND, [at, toTimestamp(now + RETRIED_FOR_MS), deliveryId]);
      await trx.raw(
        `update webhook_queues set next_at = least(next_at, ?::timestamptz), waiting = waiting + ?
         where webhook_id = ?`,
        [at, status === 'waiting' ? 0 : 1, webhookId],
      );
      return true;
    }),
  keepTest: async ({ deliveryId, webhookId, body, at, answerStatus, answerBody, error }) => {
    const time = toTimestamp(at);
    await db.raw(
      `insert into webhook_deliveries
         (delivery_id, webhook_id, kind, event_type, body, status, is_ordered, attempts, next_at, give_up_at,
          created_at, attempted_at, answer_status, answer_body, error)
       values (?, ?, 'test', 'webhook.test', ?, ?, false, 1, 'infinity', ?, ?, ?, ?, ?, ?)`,
      [
        ...[deliveryId, webhookId, body, error === undefined ? 'delivered' : 'failed'],
        ...[time, time, time, answerStatus ?? null, answerBody ?? null, error ?? null],
      ],
    );
  },
});
