import type { Migration } from './migration';

/**
 * What a read model was made of: the system, and the events up to which it is. A position alone says neither, for
 * another log has the same ones. `prepare` is the second number of a position, null where it is the first again;
 * ids are null in rows of earlier builds. One of those, running beside this, moves the position alone: then
 * `event_position` is another one, and the event is not what the row is up to.
 */
export const system: Migration = {
  name: '0016-system',
  up: async (knex) => {
    await knex.raw(`
      create table system (
        id smallint primary key default 1 check (id = 1),
        system_id uuid not null,
        named_at timestamptz not null default now()
      );
      alter table checkpoint
        add column prepare bigint,
        add column event_id text,
        add column event_position bigint;
      alter table snapshot_blocks add column end_prepare bigint, add column end_event_id text;
    `);
  },
};
