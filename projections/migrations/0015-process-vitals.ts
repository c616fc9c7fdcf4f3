import type { Migration } from './migration';

/**
 * Each process says every few seconds that it lives, when it moved last and what it waits for, so that the API can
 * tell whether jobs run. Lost with a crash of the server, and said anew a moment later.
 */
export const processVitals: Migration = {
  name: '0015-process-vitals',
  up: async (knex) => {
    await knex.raw(`
      create unlogged table process_vitals (
        instance text not null,
        process text not null,
        seen_at timestamptz not null,
        still_ms bigint not null,
        hindrances jsonb not null,
        skews_ms jsonb not null,
        primary key (instance, process)
      ) with (fillfactor = 50);
    `);
  },
};
