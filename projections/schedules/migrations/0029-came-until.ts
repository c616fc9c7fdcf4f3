import type { Migration } from '../../migrations/migration';

/** Up to where occurrences had come when runs were taken back last: a larger offset does not open them again. */
export const cameUntil: Migration = {
  name: '0029-came-until',
  up: async (knex) => {
    await knex.raw('alter table schedules add column came_until_ms bigint');
  },
};
