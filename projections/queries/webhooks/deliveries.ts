import type { Knex } from 'knex';
import { toTimestamp, type Instant, type Timestamp } from '../../../domain/time';
import type { DeliveryStatus } from '../../../domain/webhook/delivery';

/** A delivery as its owner sees it. */
export type DeliveryView = {
  /** Also its `webhook-id`, however often it is sent. */
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly eventType: string;
  readonly jobId: string | null;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly createdAt: Timestamp;
  readonly attemptedAt: Timestamp | null;
  /** When it is tried next; null when it is not, or waits for an earlier one of its job. */
  readonly nextAt: Timestamp | null;
  readonly body: string;
  readonly answerStatus: number | null;
  /** The beginning of the answer. */
  readonly answerBody: string | null;
  readonly error: string | null;
};

export type DeliveryKey = { readonly createdAt: Instant; readonly deliveryId: string };

export type DeliveryFilter = {
  readonly status?: DeliveryStatus;
  readonly jobId?: string;
};

export type DeliveryList = {
  /** Of one webhook, the newest first. `next` is there when more follow. */
  readonly list: (
    webhookId: string,
    filter: DeliveryFilter,
    page: { readonly limit: number; readonly after?: DeliveryKey },
  ) => Promise<{ readonly items: readonly DeliveryView[]; readonly next?: DeliveryKey }>;
  readonly find: (webhookId: string, deliveryId: string) => Promise<DeliveryView | undefined>;
};

type Row = {
  readonly delivery_id: string;
  readonly webhook_id: string;
  readonly event_type: string;
  readonly job_id: string | null;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly created_at: Date;
  readonly attempted_at: Date | null;
  readonly next_at: Date | null;
  readonly body: string;
  readonly answer_status: number | null;
  readonly answer_body: string | null;
  readonly error: string | null;
};

const COLUMNS = `
  delivery_id, webhook_id, event_type, job_id, status, attempts, created_at, attempted_at,
  case when status = 'waiting' and next_at < 'infinity' then next_at end as next_at,
  body, answer_status, answer_body, error`;

const timeOf = (date: Date | null): Timestamp | null => date && toTimestamp(date.getTime());

const viewOf = (row: Row): DeliveryView => ({
  deliveryId: row.delivery_id,
  webhookId: row.webhook_id,
  eventType: row.event_type,
  jobId: row.job_id,
  status: row.status,
  attempts: row.attempts,
  createdAt: toTimestamp(row.created_at.getTime()),
  attemptedAt: timeOf(row.attempted_at),
  nextAt: timeOf(row.next_at),
  body: row.body,
  answerStatus: row.answer_status,
  answerBody: row.answer_body,
  error: row.error,
});

export const deliveryList = (db: Knex): DeliveryList => ({
  list: async (webhookId, { status, jobId }, { limit, after }) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select ${COLUMNS} from webhook_deliveries where webhook_id = ?
       ${status === undefined ? '' : 'and status = ?'} ${jobId === undefined ? '' : 'and job_id = ?::uuid'}
       ${after ? 'and (created_at, delivery_id) < (?::timestamptz, ?::uuid)' : ''}
       order by created_at desc, delivery_id desc limit ?`,
      [
        webhookId,
        ...(status === undefined ? [] : [status]),
        ...(jobId === undefined ? [] : [jobId]),
        ...(after ? [toTimestamp(after.createdAt), after.deliveryId] : []),
        limit + 1, // one more than asked for tells whether there is a next page
      ],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const items = shown.map(viewOf);
    return rows.length > limit && last
      ? { items, next: { createdAt: last.created_at.getTime(), deliveryId: last.delivery_id } }
      : { items };
  },
  find: async (webhookId, deliveryId) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select ${COLUMNS} from webhook_deliveries where webhook_id = ? and delivery_id = ?`,
      [webhookId, deliveryId],
    );
    return rows[0] && viewOf(rows[0]);
  },
});
