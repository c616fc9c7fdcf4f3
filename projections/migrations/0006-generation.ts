import type { Migration } from './migration';

/** Raised when the tables are exchanged for others: a projector that knows the old ones begins anew. */
export const generation: Migration = {
  name: '0006-generation',
  up: async (knex) => {
    await knex.raw('alter table checkpoint add column generation bigint not null default 0');
  },
};
