import type { Migration } from './migration';

/**
 * What goes through each queue, as those say who let it through: dispatchers how many messages may lie in it
 * undelivered, gateways how many jobs started in each second of the last two minutes. No projections: a rebuild neither
 * touches nor compares them, and what a crash of the server loses is said anew a moment later.
 */
export const queueFlow: Migration = {
  name: '0027-queue-flow',
  up: async (knex) => {
    await knex.raw(`
      create unlogged table queue_budgets (
        dispatcher_id text not null,
        queue text collate "C" not null,
        messages integer not null,
        seen_at timestamptz not null,
        primary key (queue, dispatcher_id)
      ) with (fillfactor = 50);

      create unlogged table queue_starts (
        at timestamptz not null,
        queue text collate "C" not null,
        gateway_id text not null,
        starts integer not null,
        primary key (at, queue, gateway_id)
      ) with (autovacuum_vacuum_scale_factor = 0.05);
    `);
  },
};
