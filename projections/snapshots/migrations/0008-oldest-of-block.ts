import type { Migration } from '../../migrations/migration';

/**
 * The earliest time that an event of a block says it was recorded at: a list of the past need not look into
 * blocks in which everything came later. The snapshots are a cache and are made again.
 */
export const oldestOfBlock: Migration = {
  name: '0008-oldest-of-block',
  up: async (knex) => {
    await knex.raw(`
      truncate job_snapshots, snapshot_blocks;
      alter table snapshot_blocks add column oldest_at_ms bigint not null;
    `);
  },
};
