import type { Migration } from '../../migrations/migration';

/**
 * Jobs as they stood at the end of each block of the log, one row for each job that changed in it, so that
 * a list of the past need not fold the log from its start.
 *
 * Blocks form a chain: each names the end of the one before, once, so of two writers only one goes on.
 * `newest_at_ms` rises along the chain: nothing up to its end was recorded later. Times are milliseconds,
 * for a stream may carry a time that no timestamp of Postgres can hold.
 *
 * `state` is text, never looked into here. Indexes: a job's newest row, for the writer; an owner's jobs.
 */
export const jobSnapshots: Migration = {
  name: '0007-job-snapshots',
  up: async (knex) => {
    await knex.raw(`
      create table snapshot_blocks (
        end_position bigint primary key,
        previous_position bigint not null unique,
        newest_at_ms bigint not null,
        events integer not null
      );
      create index snapshot_blocks_newest on snapshot_blocks (newest_at_ms, end_position);

      create table job_snapshots (
        job_id uuid not null,
        block_end bigint not null,
        owner_id text collate "C" not null,
        newest_at_ms bigint not null,
        state text not null,
        primary key (job_id, block_end)
      ) with (autovacuum_vacuum_insert_scale_factor = 0.05);
      create index job_snapshots_owner on job_snapshots (owner_id, job_id, block_end desc);
    `);
  },
};
