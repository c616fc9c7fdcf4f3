import type { Migration } from './migration';

/** Position -1: nothing applied yet, so that a first event at position 0 is after it. */
export const checkpoint: Migration = {
  name: '0001-checkpoint',
  up: async (knex) => {
    await knex.raw(`
      create table checkpoint (
        projection text primary key,
        position bigint not null,
        applied_at timestamptz not null
      );
      create table parked_streams (
        projection text not null,
        stream text not null,
        revision bigint not null,
        position bigint not null,
        error text not null,
        parked_at timestamptz not null,
        primary key (projection, stream)
      );
      insert into checkpoint (projection, position, applied_at) values ('jobs', -1, now());
    `);
  },
};
