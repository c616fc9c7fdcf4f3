import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { postgresUrl } from './servers';
import { until } from './until';

export type TestDatabase = { readonly url: string; readonly drop: () => Promise<void> };

/**
 * A fresh database on the shared server, for one test file.
 *
 * @param template  a database to copy, nobody may be connected to it; empty unless told
 */
export const createDatabase = async (template = 'template0'): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await until(() => onServer(`create database ${name} template ${template}`).then(() => true), {
    what: `nobody is connected to ${template} any more`, // the server's own upkeep may be
  });
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  const drop = async () => {
    await onServer(`drop database if exists ${name} with (force)`);
  };
  return { url: url.href, drop };
};

const onServer = async (statement: string): Promise<void> => {
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};
