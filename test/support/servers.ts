import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '../../embedded/nats';
import { startPostgres } from '../../embedded/postgres';

/** Nothing in a test database has to survive a power cut. */
export const throwAwaySettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

type Stop = () => Promise<void>;

/** Of this run of Jest: setup and teardown are two modules of one process. */
const stops: Stop[] = [];

const folder = async (name: string): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), `punctual-test-${name}-`));
  stops.push(async () => {
    await rm(path, { recursive: true, force: true });
  });
  return path;
};

/** Starts what the environment does not already offer; a second call starts nothing more. */
export const startServers = async (): Promise<void> => {
  const env = process.env;
  if (env['TEST_POSTGRES_URL'] === undefined) {
    const dataDir = join(await folder('postgres'), 'data');
    const postgres = await startPostgres({ dataDir, settings: throwAwaySettings });
    stops.push(postgres.stop);
    env['TEST_POSTGRES_URL'] = postgres.url;
  }
  if (env['TEST_NATS_URL'] === undefined) {
    const nats = await startNats({ storeDir: await folder('nats') });
    stops.push(nats.stop);
    env['TEST_NATS_URL'] = nats.url;
  }
};

/** Stops what `startServers` started, the newest first. */
export const stopServers = async (): Promise<void> => {
  for (const stop of stops.splice(0).reverse()) await stop();
};

/** @throws Error when the test does not belong to a Jest project with servers */
export const serverUrl = (name: 'TEST_POSTGRES_URL' | 'TEST_NATS_URL'): string => {
  const url = process.env[name];
  if (url === undefined)
    throw new Error(`${name} is not set: run the test in contract or integration`);
  return url;
};
