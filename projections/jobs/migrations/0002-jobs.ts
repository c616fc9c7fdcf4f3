import type { Migration } from '../../migrations/migration';

/**
 * Texts compare by byte: faster, and the same on every server. JSON stays text as it came: `jsonb` would
 * cost the hot path a conversion and reorder a user's payload. fillfactor 80 leaves room for the
 * versions that a job's later events make of its row.
 *
 * Indexes, each paid by every change of a status:
 * - by owner and by due time: the two orders that lists come in, a user's and an operator's;
 * - pending by owner: quotas count it with every schedule request;
 * - queued and running: what the rescuer asks every few seconds, a handful among millions.
 * `sent_at` is when the attempt's message was last sent: JobDispatched or JobRedispatched.
 * None on tags, schedule or name: these only narrow a list that an index already orders.
 */
export const jobs: Migration = {
  name: '0002-jobs',
  up: async (knex) => {
    await knex.raw(`
      create table jobs (
        job_id uuid primary key,
        revision bigint not null,
        position bigint not null,
        due_at timestamptz not null,
        scheduled_at timestamptz not null,
        dispatched_at timestamptz,
        sent_at timestamptz,
        started_at timestamptz,
        finished_at timestamptz,
        timeout_ms bigint not null,
        cutoff_ms bigint not null,
        max_lateness_ms bigint,
        attempt integer not null,
        delivery integer,
        abort_requested boolean not null,
        status text collate "C" not null,
        owner_id text collate "C" not null,
        name text not null,
        location text not null,
        queue text collate "C" not null,
        executor_id text,
        schedule_id text collate "C",
        tags text[] collate "C" not null,
        retry json not null,
        payload json,
        result json,
        error json
      ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

      create index jobs_owner_due on jobs (owner_id, due_at desc, job_id desc);
      create index jobs_due on jobs (due_at desc, job_id desc);
      create index jobs_pending on jobs (owner_id) where status in ('scheduled', 'queued', 'running');
      create index jobs_queued on jobs (sent_at) where status = 'queued';
      create index jobs_running on jobs (started_at) where status = 'running';
    `);
  },
};
