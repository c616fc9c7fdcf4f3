import { knex, type Knex } from 'knex';
import { writeSessions } from '../../infra/postgres/write-session';
import { readModel } from '../../projections/projections';
import type { OpenWriteSession } from '../../projections/writing/write-session';
import { createDatabase } from './postgres';
import { readModelTemplate } from './servers';

export type TestReadModel = {
  readonly url: string;
  readonly db: Knex;
  readonly openSession: OpenWriteSession;
  /** As if nothing had been projected yet. */
  readonly clear: () => Promise<void>;
  readonly dispose: () => Promise<void>;
};

/** A database of one's own with the read model's tables, for one test file. */
export const createReadModel = async (): Promise<TestReadModel> => {
  const { url, drop } = await createDatabase(readModelTemplate);
  const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: 4 } });
  return {
    url,
    db,
    openSession: writeSessions(url, 'test'),
    clear: async () => {
      const tables = Object.keys(readModel.tables).join(', ');
      await db.raw(`truncate ${tables}, parked_streams, job_snapshots, snapshot_blocks, held_back, system,
                      search_jobs, search_names, search_pending;
                    update search_progress set generation = null;
                    update checkpoint set position = -1, prepare = null, event_id = null, event_position = null, applied_at = now()`);
    },
    dispose: async () => {
      await db.destroy();
      await drop();
    },
  };
};
