import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knex, type Knex } from 'knex';
import { startPostgres } from '../embedded/postgres';
import { migrate } from '../infra/postgres/migrate';
import { interruptible } from './interruptible';
import type { RowOptions } from './row';
import { migrations } from '../projections/migrations/migrations';

export type OwnPostgres = { readonly url: string; readonly pid: number; readonly db: Knex };

/** Runs `work` against a Postgres with the product's settings and an empty read model, and takes it down again. */
export const onOwnPostgres = async <T>(
  { signal }: RowOptions,
  work: (postgres: OwnPostgres) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'punctual-bench-'));
  const { url, pid, stop } = await startPostgres({ dataDir: join(folder, 'data') });
  const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: 4 } });
  try {
    await migrate(url, migrations);
    return await interruptible(signal, () => work({ url, pid, db }));
  } finally {
    await db.destroy();
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Empties the read model. */
export const clear = async (db: Knex): Promise<void> => {
  await db.raw(`truncate jobs, due_jobs, status_feed, lateness, parked_streams, search_jobs, search_names, search_pending;
                update search_progress set generation = null;
                update checkpoint set position = -1`);
};
