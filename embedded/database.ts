import { Client } from 'pg';

const duplicateDatabase = '42P04';
/** Two creations at the same moment: the loser hears of the catalogue's index instead. */
const uniqueViolation = '23505';

/**
 * Creates a database where it is missing.
 *
 * @param serverUrl  any database of the server
 * @returns the URL of the database
 */
export const ensureDatabase = async (serverUrl: string, name: string): Promise<string> => {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0)
      await client
        .query(`create database ${client.escapeIdentifier(name)}`)
        .catch((error: unknown) => {
          const { code } = error as { readonly code?: unknown }; // pg's errors carry the SQLSTATE
          if (code !== duplicateDatabase && code !== uniqueViolation) throw error;
        });
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
};
