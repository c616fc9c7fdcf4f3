import { knex, type Knex } from 'knex';
import type { Migration } from '../../projections/migrations/migration';
import { takeAdvisoryLock } from './advisory-lock';
import { silentKnex } from './database';

const APPLICATION_NAME = 'punctual-migrate';

/**
 * Brings the schema up to date, in one transaction as far as the migrations allow it; any number of
 * programs may start at once.
 *
 * @returns names of the migrations that this call ran
 * @throws Error when the server cannot be reached, or a migration fails: then none of them stays
 */
export const migrate = async (
  url: string,
  migrations: readonly Migration[],
): Promise<readonly string[]> => {
  const lock = await takeAdvisoryLock({ url, applicationName: APPLICATION_NAME }, 'migrations');
  const db = knex({
    client: 'pg',
    log: silentKnex,
    connection: { connectionString: url, application_name: APPLICATION_NAME, keepAlive: true },
    pool: { min: 0, max: 1 },
    migrations: { migrationSource: sourceOf(migrations), disableMigrationsListValidation: true },
  });
  try {
    // knex's own lock stays behind when a program is killed; ours ends with its connection
    await db.migrate.forceFreeMigrationsLock();
    const [, names] = (await db.migrate.latest()) as [number, string[]]; // as knex documents it
    return names;
  } finally {
    await db.destroy();
    await lock.release();
  }
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
