import { join } from 'node:path';
import { startPostgres } from '../../embedded/postgres';
import { migrate } from '../../infra/postgres/migrate';
import { migrations } from '../../projections/migrations/migrations';
import { ensureDatabase } from '../../embedded/database';
import { placePostgres, throwAwaySettings } from './prepared-postgres';
import { tempFolder } from './temp-folder';

/** The database with the tables of a read model that those of tests are copied from. */
export const readModelTemplate = 'punctual';

/** Of this run of Jest: setup and teardown are two modules of one process. */
const stops: (() => Promise<void>)[] = [];

/**
 * Starts PostgreSQL unless the environment offers one; a second call starts nothing more. There is no
 * shared broker: its one stream would be shared too, and one of one's own takes 25 ms.
 */
export const startServers = async (): Promise<void> => {
  const env = process.env;
  const url = (env['TEST_POSTGRES_URL'] ??= await startOne());
  await migrate(await ensureDatabase(url, readModelTemplate), migrations);
};

/** Databases of one file each live too briefly for an upkeep that looks at all of them, and may lie in memory. */
const settings = { ...throwAwaySettings, autovacuum: 'off', max_wal_size: '512MB' };

const startOne = async (): Promise<string> => {
  const folder = await tempFolder('postgres');
  stops.push(folder.remove);
  const dataDir = join(folder.path, 'data');
  await placePostgres(dataDir);
  const postgres = await startPostgres({ dataDir, settings });
  stops.push(postgres.stop);
  return postgres.url;
};

/** Stops what `startServers` started, the newest first. */
export const stopServers = async (): Promise<void> => {
  for (const stop of stops.splice(0).reverse()) await stop();
};

/** @throws Error when the test does not belong to a Jest project with servers */
export const postgresUrl = (): string => {
  const url = process.env['TEST_POSTGRES_URL'];
  if (url === undefined)
    throw new Error('TEST_POSTGRES_URL is not set: run the test in contract or integration');
  return url;
};
