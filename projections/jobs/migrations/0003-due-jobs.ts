import type { Migration } from '../../migrations/migration';

/**
 * One partition a calendar month, UTC. The projector makes them ahead and drops them when they are
 * past and empty; the first ones are made here, so that a fresh database takes rows at once.
 */
export const dueJobs: Migration = {
  name: '0003-due-jobs',
  up: async (knex) => {
    await knex.raw(`
      create table due_jobs (
        job_id uuid not null,
        due_at timestamptz not null,
        slot smallint not null,
        revision bigint not null,
        position bigint not null,
        attempt integer not null,
        timeout_ms bigint not null,
        max_lateness_ms bigint,
        owner_id text not null,
        name text not null,
        location text not null,
        queue text not null,
        payload json,
        primary key (job_id, due_at)
      ) partition by range (due_at);

      create index due_jobs_slot_due on due_jobs (slot, due_at);

      do $$
      declare
        first_month timestamp := date_trunc('month', now() at time zone 'UTC');
        month timestamp;
      begin
        for i in 0..13 loop
          month := first_month + i * interval '1 month';
          execute format(
            'create table due_jobs_%s partition of due_jobs for values from (%L) to (%L)
             with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)',
            to_char(month, 'YYYY_MM'),
            month at time zone 'UTC',
            (month + interval '1 month') at time zone 'UTC');
        end loop;
      end $$;
    `);
  },
};
