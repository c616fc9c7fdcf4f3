import type { Migration } from './migration';

/**
 * The rescuer goes through queued and running jobs in the order of the log, not of clocks, and judges their
 * age by when the log was first seen to be so far. `seen_time` is what rescuers know of that; one that starts
 * goes on from there. The two indexes replace two by time, so a change of a status costs what it did;
 * the third is for the few queued jobs that may be too late for their start.
 */
export const seenTime: Migration = {
  name: '0012-seen-time',
  up: async (knex) => {
    await knex.raw(`
      create table seen_time (
        id smallint primary key default 1 check (id = 1),
        passed_ms bigint not null,
        positions json not null
      ) with (fillfactor = 50);

      create index jobs_queued_position on jobs (position) where status = 'queued';
      create index jobs_running_position on jobs (position, timeout_ms) where status = 'running';
      create index jobs_queued_expiring on jobs (due_at, max_lateness_ms)
        where status = 'queued' and max_lateness_ms is not null;
      drop index jobs_queued;
      drop index jobs_running;
    `);
  },
};
