import type { ClientConfig } from 'pg';

/**
 * All statements read by index: the planner must not fall for a sequential scan while the table is young and
 * has no statistics, and a generic plan spares planning every time. Keep-alives let Postgres drop a session
 * whose peer is gone without a word, and with it the schema's lock, within half a minute. The rest is what a role
 * may have set otherwise, and a commit or a read relies on.
 */
const settings = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '20000',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  bytea_output: 'hex',
  default_transaction_isolation: String.raw`read\ committed`,
};

/** Configuration of every connection. */
export const connectionConfig = (postgresUrl: string, name: string): ClientConfig => ({
  connectionString: postgresUrl,
  application_name: name,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  connectionTimeoutMillis: 5_000,
  options: Object.entries(settings)
    .map(([setting, value]) => `-c ${setting}=${value}`)
    .join(' '),
});
