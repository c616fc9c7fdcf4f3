import { knex, type Knex } from 'knex';
import type { Client } from 'pg';
import { connector, type ConnectOptions } from './connect';

/** knex names each raw connection, also in query errors, and leaves those marked as disposed out of its pool. */
export type Connection = Client & { readonly __knexUid: string; __knex__disposed?: unknown };

/** knex would write to the console what it also throws. */
const silentKnex: Knex.Logger = {
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  deprecate: () => undefined,
};

/** What knex's client for Postgres asks for a connection with. */
type Dialect = { _acquireOnlyConnection: () => Promise<Connection> };

/** knex over sessions that are opened as all others are. */
export const knexOver = (options: ConnectOptions, config: Knex.Config): Knex => {
  const connect = connector(options);
  const db = knex({ client: 'pg', log: silentKnex, connection: {}, ...config });
  const dialect = db.client as Dialect; // knex knows one host and no settings
  dialect._acquireOnlyConnection = async () => {
    const connection = (await connect()) as Connection; // as knex makes it of a client
    const dispose = (reason: unknown): void => {
      connection.__knex__disposed = reason ?? 'the connection has ended';
    };
    connection.on('error', dispose);
    connection.on('end', () => {
      dispose(connection.__knex__disposed);
    });
    return connection;
  };
  return db;
};
