import { knex, type Knex } from 'knex';
import type { Client } from 'pg';
import { withSettings } from './session-settings';

export type DatabaseOptions = {
  readonly url: string;
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string;
  /** Connections at most; opened on demand. */
  readonly poolSize: number;
  /** The server ends a statement after this long; 15 s unless told. */
  readonly statementTimeoutMs?: number;
  /** More settings of each session, such as `synchronous_commit: 'off'`. */
  readonly settings?: Readonly<Record<string, string>>;
};

const CONNECT_TIMEOUT_MS = 5_000;
/** How long a call waits for a free connection. */
const ACQUIRE_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** A server that has not even said that it gave up by then does not answer at all. */
const SILENCE_AFTER_MS = 5_000;

/** knex would write to the console what it also throws. */
export const silentKnex: Knex.Logger = {
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  deprecate: () => undefined,
};

/** knex names each raw connection, also in query errors, and leaves those marked as disposed out of its pool. */
type Connection = Client & { readonly __knexUid: string; __knex__disposed?: unknown };

/**
 * Opens a pool; it connects with the first query and survives restarts of the server.
 * `destroy()` closes it.
 */
export const openDatabase = (options: DatabaseOptions): Knex => {
  const { url, applicationName, poolSize, settings } = options;
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const connections = new Map<string, Connection>();
  const db = knex({
    client: 'pg',
    log: silentKnex,
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    connection: {
      connectionString: withSettings(url, {
        TimeZone: 'UTC',
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: statementTimeoutMs,
        ...settings,
      }),
      application_name: applicationName,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: statementTimeoutMs + SILENCE_AFTER_MS,
    },
    pool: {
      min: 0,
      max: poolSize,
      afterCreate: (connection: Connection, done: (error: unknown) => void) => {
        connections.set(connection.__knexUid, connection);
        connection.once('end', () => connections.delete(connection.__knexUid));
        done(null);
      },
    },
  });
  db.on('query-error', (error: Error, query: { readonly __knexUid?: string }) => {
    if (!error.message.endsWith('Query read timeout')) return; // knex puts the statement before it
    const connection = connections.get(query.__knexUid ?? '');
    if (!connection) return;
    // half-open: whoever took this connection next would wait as long in vain
    connection.__knex__disposed = error;
    void connection.end();
  });
  return db;
};
