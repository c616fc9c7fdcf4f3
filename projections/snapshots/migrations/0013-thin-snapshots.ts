import type { Migration } from '../../migrations/migration';

/**
 * What tells which blocks may be joined: how many bytes of the log they stand for, and by which step they were
 * joined already (0: as written). The index finds the rows of a block. The snapshots are a cache and are made
 * again, without results.
 */
export const thinSnapshots: Migration = {
  name: '0013-thin-snapshots',
  up: async (knex) => {
    await knex.raw(`
      truncate job_snapshots, snapshot_blocks;
      alter table snapshot_blocks
        add column bytes bigint not null,
        add column step smallint not null default 0;
      create index snapshot_blocks_step on snapshot_blocks (step, end_position);
      create index job_snapshots_block on job_snapshots (block_end);
    `);
  },
};
