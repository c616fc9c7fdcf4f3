import type { ClientBase } from 'pg';

/** Names of those that the database has not had. */
export const pendingMigrations = async (
  client: ClientBase,
  migrations: readonly { readonly name: string }[],
): Promise<readonly string[]> => {
  const { rows: tables } = await client.query<{ readonly is_there: boolean }>(
    `select to_regclass('knex_migrations') is not null as is_there`,
  );
  if (tables[0]?.is_there !== true) return migrations.map(({ name }) => name);
  const { rows } = await client.query<{ readonly name: string }>(
    'select name from knex_migrations',
  );
  const done = new Set(rows.map(({ name }) => name));
  return migrations.map(({ name }) => name).filter((name) => !done.has(name));
};
