import type { Migration } from '../../migrations/migration';

/**
 * Jobs that failed for good, by the code of their error and their queue: of each owner, and of everybody. A cause is
 * found by one step through the index, its oldest and its newest by one more, however many there are.
 *
 * The expression stands in `projections/queries/dead-letters.ts` too. It throws for no JSON that a log may hold: an
 * index that could not take an event would hold up all others.
 */
export const deadLetters: Migration = {
  name: '0026-dead-letters',
  up: async (knex) => {
    const code = `(coalesce(case when error::text !~* '\\\\u(0000|d[89a-f])' then left(error ->> 'code', 200) end, '') collate "C")`;
    await knex.raw(`
      create index jobs_dead on jobs (${code}, queue, finished_at) where status = 'failed';
      create index jobs_dead_by_owner on jobs (owner_id, ${code}, queue, finished_at) where status = 'failed';
    `);
  },
};
