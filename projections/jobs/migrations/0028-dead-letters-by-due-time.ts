import type { Migration } from '../../migrations/migration';

/**
 * The same dead letters in the order of lists: a page of one error is read as far as it goes, where all of that error
 * had to be sorted for it. Jobs that did not fail for good have no place in it, so their changes cost nothing more.
 *
 * The expression stands in `projections/queries/dead-letters.ts` too, and throws for no JSON that a log may hold.
 */
export const deadLettersByDueTime: Migration = {
  name: '0028-dead-letters-by-due-time',
  up: async (knex) => {
    const code = `(coalesce(case when error::text !~* '\\\\u(0000|d[89a-f])' then left(error ->> 'code', 200) end, '') collate "C")`;
    await knex.raw(`
      create index jobs_dead_due on jobs (${code}, due_at, job_id) where status = 'failed';
      create index jobs_dead_due_by_owner on jobs (owner_id, ${code}, due_at, job_id) where status = 'failed';
    `);
  },
};
