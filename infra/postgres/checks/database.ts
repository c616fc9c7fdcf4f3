import type { Client } from 'pg';
import type { Verdict } from '../../server-check';
import { READ_ONLY } from '../failures';
import { NO_SCHEMA } from '../refusals';

/** Names and payloads are any text. */
export const lookAtEncoding = async (client: Client): Promise<Verdict> => {
  const { rows } = await client.query<{ readonly encoding: string; readonly name: string }>(
    `select current_setting('server_encoding') as encoding, current_database() as name`,
  );
  const { encoding = '', name = '' } = rows[0] ?? {};
  if (encoding === 'UTF8') return { outcome: 'ok' };
  return {
    outcome: 'missing',
    found: `the encoding ${encoding} in the database "${name}", which has no place for most letters`,
    remedy: `Make another one: create database … template template0 encoding 'UTF8', and name it in the setting.`,
  };
};

export const lookForSchema = async (client: Client): Promise<Verdict> => {
  const { rows } = await client.query<{ readonly name: string | null }>(
    'select current_schema() as name',
  );
  const name = rows[0]?.name ?? null;
  if (name !== null) return { outcome: 'ok', detail: name };
  const { found, remedy } = NO_SCHEMA;
  return { outcome: 'missing', found, remedy };
};

/**
 * A server may take no writes for a while, so that this is no verdict.
 *
 * @throws Error with the SQLSTATE of a read-only transaction
 */
export const lookForWrites = async (client: Client): Promise<Verdict> => {
  const { rows } = await client.query<{ readonly standby: boolean; readonly read_only: boolean }>(
    `select pg_is_in_recovery() as standby, current_setting('transaction_read_only')::boolean as read_only`,
  );
  const { standby = false, read_only: isReadOnly = false } = rows[0] ?? {};
  if (!standby && !isReadOnly) return { outcome: 'ok' };
  const why = standby ? 'it is a standby' : 'default_transaction_read_only is on';
  throw Object.assign(new Error(`the server takes no writes: ${why}`), { code: READ_ONLY });
};
