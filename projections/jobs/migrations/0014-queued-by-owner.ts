import type { Migration } from '../../migrations/migration';

/**
 * The dispatcher counts an owner's dispatched and unstarted jobs many times a second, and only of the owners that
 * dispatch now: whatever else lies about as `queued` costs it nothing.
 */
export const queuedByOwner: Migration = {
  name: '0014-queued-by-owner',
  up: async (knex) => {
    await knex.raw(`
      create index jobs_queued_by_owner on jobs (queue, owner_id) where status = 'queued';
    `);
  },
};
