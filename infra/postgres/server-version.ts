import type { Knex } from 'knex';

/** `17.2`: without what its packager adds. */
export const postgresVersion = (db: Knex) => async (): Promise<string | undefined> => {
  const { rows } = await db.raw<{ rows: readonly { readonly version: string }[] }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0]?.version.split(' ')[0];
};
