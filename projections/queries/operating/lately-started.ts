import type { Knex } from 'knex';

/** Whether a job has started that was due in this minute or the one before: one look into the index. */
export const hasLatelyStarted = async (db: Knex): Promise<boolean> => {
  const { rows } = await db.raw<{ rows: readonly [{ readonly has_started: boolean }] }>(
    `select exists (
       select from lateness
       where minutes = 1 and at >= date_trunc('minute', now()) - interval '1 minute') as has_started`,
  );
  return rows[0].has_started;
};
