import type { Client } from 'pg';
import type { Verdict } from '../../server-check';

/** A pooler with many idle servers may give the same one back by chance. */
const ROUNDS = 3;

const remedy =
  'Set pool_mode=session for this database in the pooler, or name the Postgres server itself: locks, LISTEN, prepared statements and settings belong to a session.';

const shared: Verdict = {
  outcome: 'missing',
  found: 'a pooler that gives the session to others between transactions',
  remedy,
};

const serverProcess = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ readonly pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
};

const isStatementPooling = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('statement pooling');

/**
 * Whether two sessions that are open at once are two server processes, and the first one is still the same while
 * the second is in a transaction. Sets nothing: through a pooler it would stay for somebody else.
 */
export const lookForOwnSessions = async (connect: () => Promise<Client>): Promise<Verdict> => {
  const one = await connect();
  try {
    const other = await connect();
    try {
      const ours = await serverProcess(one);
      for (let round = 0; round < ROUNDS; round++) {
        await other.query('begin');
        if ((await serverProcess(other)) === ours) return shared;
        if ((await serverProcess(one)) !== ours) return shared;
        await other.query('rollback');
      }
      return { outcome: 'ok' };
    } catch (error) {
      if (isStatementPooling(error)) return shared;
      throw error;
    } finally {
      await other.end();
    }
  } finally {
    await one.end();
  }
};
