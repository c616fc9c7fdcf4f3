import type { Migration } from '../../migrations/migration';

/**
 * Where status changes are posted. Secrets are sealed, here as in the log. `since_position` is of the event that made
 * it active: changes of jobs before it are not told. Who is active is found by owner without a look at all others.
 */
export const webhooks: Migration = {
  name: '0022-webhooks',
  up: async (knex) => {
    await knex.raw(`
      create table webhooks (
        webhook_id uuid primary key,
        revision bigint not null,
        position bigint not null,
        owner_id text collate "C" not null,
        status text collate "C" not null,
        definition json not null,
        host text collate "C" not null,
        secret text not null,
        previous_secret text,
        previous_until timestamptz,
        disabled_because text,
        since_position bigint not null,
        created_at timestamptz not null
      ) with (fillfactor = 80);

      create index webhooks_owner on webhooks (owner_id, created_at desc, webhook_id desc) where status <> 'deleted';
      create index webhooks_created on webhooks (created_at desc, webhook_id desc) where status <> 'deleted';
      create index webhooks_active on webhooks (owner_id) where status = 'active';
    `);
  },
};
