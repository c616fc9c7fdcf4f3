import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { isAlive } from './child';

export const postgresUrl = (port: number): string => `postgres://app@127.0.0.1:${port}/postgres`;

export type PostgresAnswer =
  | { readonly state: 'ready'; readonly dataDir: string }
  | { readonly state: 'starting-or-stopping' }
  | { readonly state: 'silent' };

const cannotConnectNow = '57P03';

/** Asks whoever listens on a port of this machine whether it is a PostgreSQL that takes queries. */
export const answers = async (port: number): Promise<PostgresAnswer> => {
  const client = new Client({
    connectionString: postgresUrl(port),
    ssl: false,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  });
  client.on('error', () => undefined); // the failed call below tells the same
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return { state: 'ready', dataDir: rows[0]?.data_directory ?? '' };
  } catch (error) {
    const refuses = (error as { readonly code?: unknown }).code === cannotConnectNow; // pg's errors carry the SQLSTATE
    return { state: refuses ? 'starting-or-stopping' : 'silent' };
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** A server whose starter was killed needs this long at most for its last checkpoint. */
const shutdownWithinMs = 60_000;
/** A server whose starter died a moment ago may answer once more before its signal arrives. */
const aliveAfterMs = 3_000;

/**
 * Waits while an earlier server on this directory shuts down. Its `postmaster.pid` is never deleted:
 * whether a silent one is stale is for PostgreSQL to judge.
 *
 * @throws Error when a server on this directory is alive and stays so
 */
export const refuseSecondServer = async (dataDir: string): Promise<void> => {
  const giveUpAt = Date.now() + shutdownWithinMs;
  const aliveAt = Date.now() + aliveAfterMs;
  for (;;) {
    const lock = await readLock(dataDir);
    if (lock === undefined || !isAlive(lock.pid)) return;
    const answer = await answers(lock.port);
    if (answer.state === 'silent') return;
    const isOurs = answer.state === 'ready' && answer.dataDir === (await realpath(dataDir));
    if (answer.state === 'ready' && !isOurs) return;
    if (Date.now() > (isOurs ? aliveAt : giveUpAt)) {
      throw new Error(
        `A PostgreSQL (process ${lock.pid}, port ${lock.port}) already runs on ${dataDir}: stop it, or choose another data directory.`,
      );
    }
    await sleep(50);
  }
};

/** Line 1 of postmaster.pid is the process id, line 4 the port. */
const readLock = async (
  dataDir: string,
): Promise<{ readonly pid: number; readonly port: number } | undefined> => {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : undefined;
};
