import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Migration } from '../../projections/migrations/migration';
import { takeAdvisoryLock } from './advisory-lock';
import { knexOver } from './knex-sessions';

const APPLICATION_NAME = 'punctual-migrate';

/** How long another program may be at it, and any statement of ours wait for a lock on a table. */
const LOCKED_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 2_000;

export type MigrateOptions = {
  /** Told while another program has the lock. */
  readonly onWait?: (sentence: string) => void;
  /** Ends the wait for that lock. */
  readonly signal?: AbortSignal;
  readonly lockedTimeoutMs?: number;
};

/**
 * Brings the schema up to date, in one transaction as far as the migrations allow it; any number of
 * programs may start at once.
 *
 * @returns names of the migrations that this call ran
 * @throws Error when the server cannot be reached, someone is in the way for too long, or a migration fails: then
 *         none of them stays
 */
export const migrate = async (
  url: string,
  migrations: readonly Migration[],
  { onWait, signal, lockedTimeoutMs = LOCKED_TIMEOUT_MS }: MigrateOptions = {},
): Promise<readonly string[]> => {
  const options = { url, applicationName: APPLICATION_NAME };
  const lock = await takeAdvisoryLock(options, 'migrations', {
    withinMs: lockedTimeoutMs,
    ...(onWait && { onWait }),
    ...(signal && { signal }),
  });
  const db = knexOver(
    { ...options, settings: { lock_timeout: lockedTimeoutMs } },
    {
      pool: { min: 0, max: 1 },
      migrations: { migrationSource: sourceOf(migrations), disableMigrationsListValidation: true },
    },
  );
  const ended = lock.lost.then((reason): never => {
    throw reason;
  });
  ended.catch(() => undefined); // also when it is released
  try {
    return await Promise.race([migrateOver(db), ended]);
  } finally {
    // a server that fell silent never gives its connection back
    await Promise.race([db.destroy(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    await lock.release();
  }
};

const migrateOver = async (db: Knex): Promise<readonly string[]> => {
  // knex's own lock stays behind when a program is killed; ours ends with its connection
  await db.migrate.forceFreeMigrationsLock();
  const [, names] = (await db.migrate.latest()) as [number, string[]]; // as knex documents it
  return names;
};

/**
 * A list instead of a folder: names never depend on how the code was built. It is not validated against
 * the database, so that the older build may start again while a newer one is rolled out.
 */
const sourceOf = (migrations: readonly Migration[]): Knex.MigrationSource<Migration> => ({
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: ({ name }) => name,
  getMigration: ({ up, transaction = true }) =>
    Promise.resolve({ up, config: { transaction }, down: refuseDown }),
});

const refuseDown = (): Promise<void> =>
  Promise.reject(
    new Error('the schema only goes forward: restore a backup, or rebuild from the log'),
  );
