import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDatabase } from '../../embedded/database';
import { startPostgres } from '../../embedded/postgres';
import { migrate } from '../../infra/postgres/migrate';
import { migrations } from '../../projections/migrations/migrations';

/** Nothing in a test database has to survive a power cut. */
export const throwAwaySettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

const root = join(__dirname, '..', '..');
const kept = join(root, 'node_modules', '.cache', 'punctual');

/** Of all that a cluster is made from. */
const fingerprint = async (): Promise<string> => {
  const hash = createHash('sha256').update(await readFile(join(root, 'package-lock.json')));
  for (const { name, up } of migrations) hash.update(name).update(up.toString());
  return hash.digest('hex').slice(0, 16);
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

type Fill = (url: string) => Promise<unknown>;

const emptyDatabases: Fill = async (url) => {
  await migrate(await ensureDatabase(url, 'punctual'), migrations);
  await ensureDatabase(url, 'eventstore');
};

/** Made beside its place and moved there whole: two workers of Jest may be at it. */
const make = async (cluster: string, fill: Fill): Promise<void> => {
  const draft = `${cluster}.${process.pid}`;
  await mkdir(dirname(cluster), { recursive: true });
  const { url, stop } = await startPostgres({ dataDir: draft, settings: throwAwaySettings });
  try {
    await fill(url);
  } finally {
    await stop();
  }
  await rename(draft, cluster).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(cluster))) throw error;
  });
};

const place = async (dataDir: string, name: string, fill: Fill): Promise<void> => {
  const cluster = join(kept, `${name}-${await fingerprint()}`);
  if (!(await exists(cluster))) await make(cluster, fill);
  await mkdir(dirname(dataDir), { recursive: true });
  await promisify(execFile)('cp', ['-a', cluster, dataDir]);
};

/**
 * Puts the files of a new PostgreSQL there, with the empty databases that a stack makes at its first start. They
 * are copied from files made once: `initdb` and the migrations take 3 s of a core.
 */
export const placePostgres = (dataDir: string): Promise<void> =>
  place(dataDir, 'postgres', emptyDatabases);

/** The same as `initdb` leaves it. */
export const placeEmptyPostgres = (dataDir: string): Promise<void> =>
  place(dataDir, 'empty-postgres', () => Promise.resolve());
