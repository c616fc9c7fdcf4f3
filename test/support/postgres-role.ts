import { randomBytes } from 'node:crypto';
import { Client, escapeLiteral } from 'pg';
import { createDatabase } from './postgres';
import { postgresUrl } from './servers';

export type TestRole = {
  readonly name: string;
  /** The role's connection string for its own database. */
  readonly url: string;
  /** The same database as its superuser sees it. */
  readonly adminUrl: string;
  readonly drop: () => Promise<void>;
};

const run = async (url: string, statements: readonly string[]): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

export const asRole = (url: string, role: string): string => {
  const changed = new URL(url);
  changed.username = role;
  return changed.href;
};

/** A role of its own on the shared server that owns a fresh database. @param settings  of the role, by name */
export const createRole = async (
  settings: Readonly<Record<string, string>> = {},
): Promise<TestRole> => {
  const database = await createDatabase();
  const name = `role_${randomBytes(6).toString('hex')}`;
  await run(database.url, [
    `create role ${name} login`,
    ...Object.entries(settings).map(
      ([setting, value]) => `alter role ${name} set ${setting} = ${escapeLiteral(value)}`,
    ),
    `alter database ${new URL(database.url).pathname.slice(1)} owner to ${name}`,
  ]);
  return {
    name,
    url: asRole(database.url, name),
    adminUrl: database.url,
    drop: async () => {
      await database.drop();
      await run(postgresUrl(), [`drop role ${name}`]);
    },
  };
};
