import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { placePostgres, throwAwaySettings } from './prepared-postgres';
import { tempFolder } from './temp-folder';

export type ReplicatedPostgres = {
  readonly primary: EmbeddedPostgres;
  readonly standby: EmbeddedPostgres;
  /** Both, the standby first, as a connection string with several hosts. */
  readonly url: string;
  readonly killPrimary: () => Promise<void>;
  readonly dispose: () => Promise<void>;
};

/** Two servers of one test's own, the second a copy of the first that follows it. */
export const replicatedPostgres = async (): Promise<ReplicatedPostgres> => {
  const folder = await tempFolder('replicated');
  const settings = { ...throwAwaySettings, shared_buffers: '16MB', max_connections: '60' };
  const [firstDir, secondDir] = [join(folder.path, 'first'), join(folder.path, 'second')];
  await placePostgres(firstDir);
  // its files tell the settings that a standby must not go below
  const once = await startPostgres({ dataDir: firstDir, settings });
  await once.stop();
  // a copy of a server at rest needs no backup program
  await cp(firstDir, secondDir, { recursive: true, preserveTimestamps: true });
  await writeFile(join(secondDir, 'standby.signal'), '');
  const primary = await startPostgres({ dataDir: firstDir, settings });
  const standby = await startPostgres({
    dataDir: secondDir,
    settings: {
      ...settings,
      primary_conninfo: `host=127.0.0.1 port=${primary.port} user=app`,
    },
  });
  return {
    primary,
    standby,
    url: `postgres://app@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/postgres?target_session_attrs=read-write`,
    killPrimary: async () => {
      process.kill(primary.pid, 'SIGKILL');
      await primary.exited;
    },
    dispose: async () => {
      await primary.stop();
      await standby.stop();
      await folder.remove();
    },
  };
};
