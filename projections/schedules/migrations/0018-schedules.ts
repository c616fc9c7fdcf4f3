import type { Migration } from '../../migrations/migration';

/**
 * Lists are read status by status, each in the order of an index: what is deleted, or few among many, costs nothing.
 * `withdrawn_revision` is of the last event that took back what was planned: occurrences of earlier ones are no longer
 * ahead; what becomes of their jobs is said by `schedule_withdrawals`, which the planner works off. `plan_at_ms` is
 * when the next occurrence has to be planned: what the planner asks for, a handful among millions. `planner_progress`
 * is up to which positions planners have seen to it that jobs are there, or taken back; it is no projection's. `last_at`
 * is the time of the last event: what is ahead goes by it, as in the fold, and by no clock of the database.
 * Milliseconds, not timestamps, where the database computes: those may stand in a generated column.
 */
export const schedules: Migration = {
  name: '0018-schedules',
  up: async (knex) => {
    await knex.raw(`
      create table schedules (
        schedule_id uuid primary key,
        revision bigint not null,
        position bigint not null,
        owner_id text collate "C" not null,
        name text not null,
        status text collate "C" not null,
        definition json not null,
        offset_ms bigint not null,
        decided_until_ms bigint not null,
        may_overlap boolean not null,
        plan_at_ms bigint generated always as
          (case when status = 'active' then decided_until_ms + offset_ms end) stored,
        last_job_id uuid,
        withdrawn_revision bigint not null,
        note text,
        created_at timestamptz not null,
        rule_since timestamptz not null,
        last_at timestamptz not null
      ) with (fillfactor = 80);

      create index schedules_owner on schedules (owner_id, status, created_at desc, schedule_id desc);
      create index schedules_status on schedules (status, created_at desc, schedule_id desc);
      create index schedules_plan on schedules (may_overlap, plan_at_ms, schedule_id) where plan_at_ms is not null;

      create table schedule_occurrences (
        schedule_id uuid not null,
        revision bigint not null,
        position bigint not null,
        occurrence_at timestamptz not null,
        job_id uuid not null,
        due_at timestamptz not null,
        kind text collate "C" not null,
        max_lateness_ms bigint,
        planned_at timestamptz not null,
        cancelled_at timestamptz,
        primary key (schedule_id, occurrence_at, revision)
      ) with (fillfactor = 90);

      create index schedule_occurrences_position on schedule_occurrences (position);
      create index schedule_occurrences_due on schedule_occurrences (schedule_id, due_at);
      create index schedule_occurrences_job on schedule_occurrences (job_id);

      create table schedule_withdrawals (
        schedule_id uuid not null,
        revision bigint not null,
        position bigint not null,
        at timestamptz not null,
        what text collate "C" not null,
        reason text collate "C" not null,
        primary key (schedule_id, revision)
      );

      create index schedule_withdrawals_position on schedule_withdrawals (position);

      create table schedule_skips (
        schedule_id uuid not null,
        revision bigint not null,
        from_at timestamptz not null,
        to_at timestamptz not null,
        count bigint not null,
        reason text collate "C" not null,
        primary key (schedule_id, from_at, revision)
      );

      create index schedule_skips_to on schedule_skips (schedule_id, to_at, revision);

      create table schedule_exceptions (
        schedule_id uuid not null,
        occurrence_at timestamptz not null,
        due_at timestamptz,
        primary key (schedule_id, occurrence_at)
      );

      create table planner_progress (
        work text collate "C" primary key,
        position bigint not null
      );
    `);
  },
};
