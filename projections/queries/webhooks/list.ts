import type { Knex } from 'knex';
import { toTimestamp, type Timestamp } from '../../../domain/time';
import type { WebhookDefinition } from '../../../domain/webhook/definition';
import type { DisabledBecause, WebhookStatus } from '../../../domain/webhook/state';
import { webhookViewOf, type WebhookKey, type WebhookView } from '../../../domain/webhook/view';

/** How deliveries fare. */
export type DeliveryState = {
  /** Deliveries that wait. */
  readonly waiting: number;
  /** Since when none has succeeded; null when the last one did. */
  readonly failingSince: Timestamp | null;
};

export type ListedWebhook = WebhookView & DeliveryState;

export type WebhookList = {
  /** The newest first, without deleted ones; everybody's without an owner. `next` is there when more follow. */
  readonly list: (
    ownerId: string | undefined,
    page: { readonly limit: number; readonly after?: WebhookKey },
  ) => Promise<{ readonly items: readonly ListedWebhook[]; readonly next?: WebhookKey }>;
  /** All that were ever registered, of one owner or of all, the newest first. */
  readonly made: (
    ownerId: string | undefined,
    page: { readonly limit: number; readonly after?: WebhookKey },
  ) => Promise<readonly WebhookKey[]>;
  readonly deliveryState: (webhookId: string) => Promise<DeliveryState>;
  /** Webhooks of an owner that are not deleted; stops counting at `upTo`. */
  readonly countLiving: (ownerId: string, upTo: number) => Promise<number>;
};

type StateRow = { readonly waiting: string | null; readonly failing_since: Date | null };

type Row = StateRow & {
  readonly webhook_id: string;
  readonly revision: string;
  readonly status: WebhookStatus;
  readonly definition: WebhookDefinition;
  readonly disabled_because: DisabledBecause | null;
  readonly previous_until: Date | null;
  readonly created_at: Date;
};

const stateOf = (row: StateRow | undefined): DeliveryState => ({
  waiting: Number(row?.waiting ?? 0),
  failingSince: row?.failing_since ? toTimestamp(row.failing_since.getTime()) : null,
});

const listed = (row: Row): ListedWebhook => ({
  ...webhookViewOf(row.webhook_id, {
    status: row.status,
    definition: row.definition,
    secret: '',
    revision: BigInt(row.revision),
    createdAt: row.created_at.getTime(),
    ...(row.disabled_because && { disabledBecause: row.disabled_because }),
    ...(row.previous_until && { previous: { secret: '', until: row.previous_until.getTime() } }),
  }),
  ...stateOf(row),
});

export const webhookList = (db: Knex): WebhookList => ({
  list: async (ownerId, { limit, after }) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select w.webhook_id, w.revision, w.status, w.definition, w.disabled_because, w.previous_until, w.created_at,
              q.waiting, q.failing_since
       from webhooks w left join webhook_queues q on q.webhook_id = w.webhook_id
       where w.status <> 'deleted' ${ownerId === undefined ? '' : 'and w.owner_id = ?'}
       ${after ? 'and (w.created_at, w.webhook_id) < (?::timestamptz, ?::uuid)' : ''}
       order by w.created_at desc, w.webhook_id desc limit ?`,
      [
        ...(ownerId === undefined ? [] : [ownerId]),
        ...(after ? [toTimestamp(after.createdAt), after.webhookId] : []),
        limit + 1, // one more than asked for tells whether there is a next page
      ],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const items = shown.map(listed);
    return rows.length > limit && last
      ? { items, next: { createdAt: last.created_at.getTime(), webhookId: last.webhook_id } }
      : { items };
  },
  made: async (ownerId, { limit, after }) => {
    const query = db('webhooks').select('webhook_id', 'created_at');
    if (ownerId !== undefined) void query.where('owner_id', ownerId);
    if (after)
      void query.whereRaw('(created_at, webhook_id) < (?::timestamptz, ?::uuid)', [
        toTimestamp(after.createdAt),
        after.webhookId,
      ]);
    const rows = (await query
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'webhook_id', order: 'desc' },
      ])
      .limit(limit)) as readonly Pick<Row, 'webhook_id' | 'created_at'>[]; // the select list
    return rows.map(({ webhook_id: webhookId, created_at }) => ({
      createdAt: created_at.getTime(),
      webhookId,
    }));
  },
  deliveryState: async (webhookId) => {
    const { rows } = await db.raw<{ rows: readonly StateRow[] }>(
      'select waiting, failing_since from webhook_queues where webhook_id = ?',
      [webhookId],
    );
    return stateOf(rows[0]);
  },
  countLiving: async (ownerId, upTo) => {
    const { rows } = await db.raw<{ rows: readonly { readonly count: number }[] }>(
      `select count(*)::integer as count from (
         select from webhooks where owner_id = ? and status <> 'deleted' limit ?) living`,
      [ownerId, upTo],
    );
    return rows[0]?.count ?? 0;
  },
});
