import type { Migration } from '../../migrations/migration';

/**
 * How late jobs started, by the minute and the hour that they were due in: of everybody (`*`) and of each owner
 * (`=ada`), how many starts fall into each cell of the histogram (`latenessCells`). Kept for 30 days.
 *
 * The key begins with the time: what is written lies together, and what is old is found by it. Rows of the minute
 * that runs are changed with each batch, which keeps to their page while there is room in it.
 */
export const lateness: Migration = {
  name: '0024-lateness',
  up: async (knex) => {
    await knex.raw(`
      create table lateness (
        minutes smallint not null,
        at timestamptz not null,
        whose text collate "C" not null,
        cell smallint not null,
        starts integer not null,
        worst_ms bigint not null,
        primary key (minutes, at, whose, cell)
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
    `);
  },
};
