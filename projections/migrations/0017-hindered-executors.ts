import type { Migration } from './migration';

/**
 * An executor may be alive and take no jobs, for the broker does not let it: it says why, and is known by when it
 * last could (`able_until`; the epoch for one that never could). Both are null while it can, as for those that say
 * nothing of it.
 */
export const hinderedExecutors: Migration = {
  name: '0017-hindered-executors',
  up: async (knex) => {
    await knex.raw(`
      alter table executors add column cannot_take text, add column able_until timestamptz;
      alter table unserved_queues add column why text;
    `);
  },
};
