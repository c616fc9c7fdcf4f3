import type { Migration } from './migration';

/** What the processes tell one another: who dispatches which slots, who executes, and whether heartbeats are heard at all. */
export const processes: Migration = {
  name: '0005-processes',
  up: async (knex) => {
    await knex.raw(`
      create table slot_leases (
        slot smallint primary key,
        holder text,
        expires_at timestamptz
      ) with (fillfactor = 50);
      insert into slot_leases (slot) select generate_series(0, 255);

      create table executors (
        executor_id text primary key,
        queue text not null,
        running integer not null,
        last_beat_at timestamptz not null
      ) with (fillfactor = 50);

      create table heartbeat_channel (
        id smallint primary key default 1 check (id = 1),
        listening_since timestamptz,
        alive_at timestamptz
      ) with (fillfactor = 50);
      insert into heartbeat_channel (id) values (1);
    `);
  },
};
