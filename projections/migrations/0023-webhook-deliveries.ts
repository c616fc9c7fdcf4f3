import type { Migration } from './migration';

/**
 * What is sent to webhooks: no projection's, so a replay sends nothing again.
 *
 * `webhook_queues` has a row for each webhook that was ever told something: when its next delivery is due (never:
 * `infinity`), who delivers, how it goes. Whoever adds or settles deliveries has locked that row before, so that what
 * waits behind another one of its job (due: `infinity`) is seen by whoever ends that. `notifier_progress` is up to
 * which position of the log changes were turned into deliveries.
 */
export const webhookDeliveries: Migration = {
  name: '0023-webhook-deliveries',
  up: async (knex) => {
    await knex.raw(`
      create table notifier_progress (
        work text collate "C" primary key,
        position bigint not null
      );

      create table webhook_queues (
        webhook_id uuid primary key,
        next_at timestamptz not null,
        rest_until timestamptz,
        failing_since timestamptz,
        failures integer not null default 0,
        waiting bigint not null default 0,
        holder text collate "C",
        leased_until timestamptz
      ) with (fillfactor = 60);

      create index webhook_queues_next on webhook_queues (next_at) where next_at < 'infinity';

      create table webhook_deliveries (
        delivery_id uuid primary key,
        webhook_id uuid not null,
        kind text collate "C" not null,
        event_type text collate "C" not null,
        position bigint,
        job_id uuid,
        body text not null,
        status text collate "C" not null,
        is_ordered boolean not null,
        attempts integer not null,
        next_at timestamptz not null,
        give_up_at timestamptz not null,
        created_at timestamptz not null,
        attempted_at timestamptz,
        answer_status integer,
        answer_body text,
        error text
      ) with (fillfactor = 80);

      create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_at) where status = 'waiting';
      create index webhook_deliveries_order on webhook_deliveries (webhook_id, job_id, position)
        where status = 'waiting' and is_ordered;
      create index webhook_deliveries_newest on webhook_deliveries (webhook_id, created_at desc, delivery_id desc);
      create index webhook_deliveries_created on webhook_deliveries (created_at);
    `);
  },
};
