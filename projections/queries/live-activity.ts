import type { Knex } from 'knex';

type Row = { readonly is_live: boolean };

/** Whether the projector has applied something within the last two seconds; false as well when none is there. */
export const isProjecting = async (db: Knex, projection = 'jobs'): Promise<boolean> => {
  const { rows } = await db.raw<{ rows: readonly Row[] }>(
    `select position >= 0 and applied_at > clock_timestamp() - interval '2 seconds' as is_live
     from checkpoint where projection = ?`,
    [projection],
  );
  return rows[0]?.is_live ?? false;
};
