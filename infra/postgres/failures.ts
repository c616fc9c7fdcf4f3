/** Node's codes for a server that cannot be reached or has hung up. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs after which the same statement may succeed: connection exceptions (08), resources used up,
 * such as connections or disk (53), system errors (58), shutdown and crash (57P01 to 57P05), statement
 * time-out (57014), serialization failure, deadlock, lock time-out, idle-in-transaction time-out, and
 * a server that is read-only after a failover.
 */
const transientStates = /^(08...|53...|58...|57P0[1-5]|57014|40001|40P01|55P03|25P03|25P04|25006)$/;

/** What `pg` and knex say without a code. */
const connectionMessages =
  /Connection terminated|the connection has ended|timeout expired|timeout exceeded when trying to connect|Query read timeout|is not queryable|Timeout acquiring a connection|Client has encountered a connection error/;

/** Tables, or their schema, that are not there: the read model is lost until a replay brings it back. */
const missingStates = new Set(['42P01', '3F000']);

/** Whether the read model is lost. Who waits for it to come back is told as in an outage. */
export const isReadModelLost = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  missingStates.has(error.code);

/** SQLSTATE of a write to a standby, or to a server that its operators have set to read-only. */
export const READ_ONLY = '25006';

/** Whether the server answers and takes no writes. */
export const isReadOnlyError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === READ_ONLY;

/** Whether Postgres was away, busy or in a race: the same work may be tried again. */
export const isTransientPostgresError = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }; // any error may have them
  if (typeof code === 'string' && (networkCodes.has(code) || transientStates.test(code)))
    return true;
  return typeof message === 'string' && connectionMessages.test(message);
};
