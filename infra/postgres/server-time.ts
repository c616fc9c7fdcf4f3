import type { Knex } from 'knex';
import type { ServerTime } from '../server-time';

export const postgresTime =
  (db: Knex): ServerTime =>
  async () => {
    const { rows } = await db.raw<{ rows: readonly { readonly now_ms: number }[] }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::double precision as now_ms',
    );
    const [row] = rows;
    return row && { nowMs: row.now_ms, withinMs: 0 };
  };
