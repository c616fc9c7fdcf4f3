import type { Migration } from '../../migrations/migration';

/**
 * What of a job lists are searched by and never changes, apart from `jobs`: there each change of a status would be paid
 * once more by each index. `due_at`, the order of lists, is the one thing that may change.
 *
 * - `search_jobs`: owner, queue, tags and name of each job as labels; GIN finds what has all of some.
 * - `search_names`: each name of an owner once, by the pieces of up to three characters that it is made of; jobs share
 *   names, so that most of them add nothing here.
 * - `search_progress`: up to where `status_feed` has been followed; `generation` null: from `jobs`, all of it.
 * - `search_pending`: jobs whose changes came later than their place in the feed.
 *
 * `jobs_unsuccessful` is the one index on `jobs`: it has an entry for a job that ended so, and none for any other change.
 *
 * The lists that GIN keeps of what it has still to sort in are read by each search, so they are short.
 */
export const search: Migration = {
  name: '0025-search',
  up: async (knex) => {
    await knex.raw(`
      create table search_jobs (
        job_id uuid primary key,
        due_at timestamptz not null,
        labels text[] collate "C" not null
      ) with (fillfactor = 95, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05,
              autovacuum_analyze_scale_factor = 0.05);
      create index search_jobs_labels on search_jobs using gin (labels) with (gin_pending_list_limit = 512);

      create table search_names (
        owner text collate "C" not null,
        label text collate "C" not null,
        name text not null,
        grams integer[] not null,
        primary key (owner, label)
      ) with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
      create index search_names_grams on search_names using gin (grams) with (gin_pending_list_limit = 512);

      create table search_pending (job_id uuid primary key);

      create table search_progress (
        id smallint primary key default 1 check (id = 1),
        position bigint not null default -1,
        generation bigint,
        is_whole boolean not null default false,
        refilled_to uuid not null default '00000000-0000-0000-0000-000000000000'
      );
      insert into search_progress default values;

      create index jobs_unsuccessful on jobs (status, due_at desc, job_id desc)
        where status in ('failed', 'cancelled', 'expired', 'aborted');
    `);
  },
};
