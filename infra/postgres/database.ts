import type { Knex } from 'knex';
import { isReadOnlyError } from './failures';
import { knexOver, type Connection } from './knex-sessions';
import type { SessionSettings } from './session-settings';

export type DatabaseOptions = {
  readonly url: string;
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string;
  /** Connections at most; opened on demand. */
  readonly poolSize: number;
  /** The server ends a statement after this long; by default 15 s. */
  readonly statementTimeoutMs?: number;
  /** More settings of each session, such as `synchronous_commit: 'off'`. */
  readonly settings?: SessionSettings;
};

/** How long a call waits for a free connection. */
const ACQUIRE_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** A server that has not even said that it gave up by then does not answer at all. */
const SILENCE_AFTER_MS = 5_000;

/**
 * Whether whoever took the connection next would fail as well: a half-open one answers nobody, and one to a server
 * that takes no writes any more should be made again, perhaps to another. knex puts the statement before the message.
 */
const isOfNoUse = (error: Error): boolean =>
  error.message.endsWith('Query read timeout') || isReadOnlyError(error);

/**
 * Opens a pool; it connects with the first query and survives restarts of the server.
 * `destroy()` closes it.
 */
export const openDatabase = (options: DatabaseOptions): Knex => {
  const { url, applicationName, poolSize, settings } = options;
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const connections = new Map<string, Connection>();
  const db = knexOver(
    {
      url,
      applicationName,
      answerTimeoutMs: statementTimeoutMs + SILENCE_AFTER_MS,
      settings: {
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: statementTimeoutMs,
        ...settings,
      },
    },
    {
      acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
      pool: {
        min: 0,
        max: poolSize,
        afterCreate: (connection: Connection, done: (error: unknown) => void) => {
          connections.set(connection.__knexUid, connection);
          connection.once('end', () => connections.delete(connection.__knexUid));
          done(null);
        },
      },
    },
  );
  db.on('query-error', (error: Error, query: { readonly __knexUid?: string }) => {
    if (!isOfNoUse(error)) return;
    const connection = connections.get(query.__knexUid ?? '');
    if (!connection) return;
    connection.__knex__disposed = error;
    void connection.end();
  });
  return db;
};
