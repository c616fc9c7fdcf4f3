import type { Migration } from '../../migrations/migration';

/** Jobs know the occurrence that they run for, and a schedule finds its jobs. */
export const jobsOfSchedules: Migration = {
  name: '0019-jobs-of-schedules',
  up: async (knex) => {
    await knex.raw(`
      alter table jobs add column occurrence_at timestamptz;
      create index jobs_schedule_due on jobs (schedule_id, due_at desc, job_id desc)
        where schedule_id is not null;
      create index jobs_schedule_unstarted on jobs (schedule_id)
        where schedule_id is not null and status in ('scheduled', 'queued');
    `);
  },
};
