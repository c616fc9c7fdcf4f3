import type { Migration } from '../../migrations/migration';

/**
 * `operation_batches` holds the jobs of an operation as its events do, some hundreds in a row: an operation on a
 * hundred thousand jobs is five hundred rows that are written twice. `outcomes` is absent as long as nobody has gone
 * through the batch. `ended_at` is absent as long as something is to be done: what the process looks for that does it.
 */
export const operations: Migration = {
  name: '0021-operations',
  up: async (knex) => {
    await knex.raw(`
      create table operations (
        operation_id uuid primary key,
        revision bigint not null,
        position bigint not null,
        owner_id text collate "C" not null,
        status text collate "C" not null,
        definition json not null,
        batches integer not null,
        items integer not null,
        is_selected boolean not null,
        as_of bigint,
        progressed integer not null,
        changed_items integer not null,
        unchanged_items integer not null,
        refused_items integer not null,
        left_items integer not null,
        note text,
        started_at timestamptz not null,
        started_position bigint not null,
        ended_at timestamptz
      ) with (fillfactor = 80);

      create index operations_owner on operations (owner_id, started_at desc, operation_id desc);
      create index operations_started on operations (started_at desc, operation_id desc);
      create index operations_open on operations (owner_id, started_at, operation_id) where ended_at is null;

      create table operation_batches (
        operation_id uuid not null,
        batch integer not null,
        first_item integer not null,
        job_ids uuid[] not null,
        outcomes text[],
        primary key (operation_id, batch)
      ) with (fillfactor = 70);
    `);
  },
};
