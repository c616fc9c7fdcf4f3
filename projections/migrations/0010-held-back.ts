import type { Migration } from './migration';

/**
 * What dispatchers hold back and why: a queue as a whole (`owner_id` is empty) or one owner in it. They say so
 * again each second; what was not seen for ten is over. Beside it the queues that nobody serves, as the rescuer's
 * neighbour finds them. No projections: a rebuild neither touches nor compares them.
 */
export const heldBack: Migration = {
  name: '0010-held-back',
  up: async (knex) => {
    await knex.raw(`
      create table held_back (
        queue text collate "C" not null,
        owner_id text collate "C" not null default '',
        reason text not null,
        since timestamptz not null,
        seen_at timestamptz not null,
        primary key (queue, owner_id)
      ) with (fillfactor = 50);

      create table unserved_queues (
        queue text collate "C" primary key,
        since timestamptz not null,
        jobs integer not null,
        seen_at timestamptz not null
      ) with (fillfactor = 50);
    `);
  },
};
