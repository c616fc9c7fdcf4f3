import type { Migration } from '../../migrations/migration';

/** Whose schedules are to be planned is read from the index alone: those of an owner who waits are passed over. */
export const ownersOfPlanned: Migration = {
  name: '0020-owners-of-planned',
  up: async (knex) => {
    await knex.raw(`
      drop index schedules_plan;
      create index schedules_plan on schedules (may_overlap, plan_at_ms, schedule_id) include (owner_id)
        where plan_at_ms is not null;
    `);
  },
};
