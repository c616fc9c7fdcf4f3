import type { Migration } from './migration';

/**
 * Each gateway says for itself since when it hears executors: together they might have heard a beat that
 * none of them did. `heartbeat_channel` was the one line for all; gateways and rescuers of the build before
 * go on with it while both run, and none of them gives up anybody for what the other has heard.
 *
 * The index finds what an executor holds, and which executors hold anything, whatever runs elsewhere.
 */
export const gateways: Migration = {
  name: '0011-gateways',
  up: async (knex) => {
    await knex.raw(`
      create table gateways (
        gateway_id text primary key,
        listening_since timestamptz not null,
        alive_at timestamptz not null
      ) with (fillfactor = 50);

      create index jobs_running_by_executor on jobs (executor_id) where status = 'running';
    `);
  },
};
