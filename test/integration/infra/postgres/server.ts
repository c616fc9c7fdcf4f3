import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type EmbeddedPostgres } from '../../../../embedded/postgres';
import { placeEmptyPostgres, throwAwaySettings } from '../../../support/prepared-postgres';
import { tempFolder } from '../../../support/temp-folder';

export type OwnPostgres = {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Again on the same port. */
  readonly start: () => Promise<void>;
  readonly dispose: () => Promise<void>;
};

/** A server of one test's own, to be killed and frozen. */
export const ownPostgres = async (): Promise<OwnPostgres> => {
  const folder = await tempFolder('postgres');
  const options = {
    dataDir: join(folder.path, 'data'),
    settings: { ...throwAwaySettings, shared_buffers: '16MB' },
  };
  await placeEmptyPostgres(options.dataDir);
  let server: EmbeddedPostgres = await startPostgres(options);
  const { port, url } = server;
  return {
    url,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    pause: () => process.kill(server.pid, 'SIGSTOP'),
    resume: () => process.kill(server.pid, 'SIGCONT'),
    start: async () => {
      server = await startPostgres({ ...options, port });
    },
    dispose: async () => {
      await server.stop();
      await folder.remove();
    },
  };
};

export const query = async (
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
};

/** Process ids of the server's backends with this application name. */
export const backends = async (
  url: string,
  applicationName: string,
): Promise<readonly number[]> => {
  const rows = await query(url, 'select pid from pg_stat_activity where application_name = $1', [
    applicationName,
  ]);
  return (rows as { readonly pid: number }[]).map(({ pid }) => pid); // as selected
};

/** Cuts connections from the server's side, as a failover or an operator does. */
export const cut = async (url: string, applicationName: string): Promise<void> => {
  await query(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
    [applicationName],
  );
};
