import type { Migration } from '../../migrations/migration';

/** What live listeners tail, by log position: an operator all of it, a user his own. Kept for a day. */
export const statusFeed: Migration = {
  name: '0004-status-feed',
  up: async (knex) => {
    await knex.raw(`
      create table status_feed (
        position bigint primary key,
        job_id uuid not null,
        owner_id text collate "C" not null,
        name text not null,
        status text not null,
        revision bigint not null,
        attempt integer not null,
        due_at timestamptz not null,
        at timestamptz not null
      ) with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.05);

      create index status_feed_owner on status_feed (owner_id, position);
    `);
  },
};
