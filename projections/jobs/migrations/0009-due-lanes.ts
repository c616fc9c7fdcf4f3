import type { Migration } from '../../migrations/migration';

/**
 * A page of due rows is read in the order of an index, so that it costs the same with a million rows due: by
 * lane, due time and id. A lane is a class of owners within a queue: who has very much due fills his own lane, and
 * the rows of all others are not behind it. By slot, as before, a page had to sort all that was due.
 *
 * hashtextextended is what Postgres itself partitions by, so that it stays the same over its versions.
 */
export const dueLanes: Migration = {
  name: '0009-due-lanes',
  up: async (knex) => {
    await knex.raw(`
      drop index due_jobs_slot_due;
      create index due_jobs_lane_due on due_jobs ((hashtextextended(queue || '/' || owner_id, 0) & 31), due_at, job_id);
    `);
  },
};
