import { ServerUnfit } from '../server-check';
import { isTransientPostgresError } from './failures';

const SETTING = 'POSTGRES_URL';

const NAME_THE_HOST =
  'Set the right host; in a password, @ : / ? # % are written as %40 %3A %2F %3F %23 %25.';

/** What a person can do, by SQLSTATE or Node's code. */
const remedies: Readonly<Record<string, string>> = {
  '28P01': 'Set the right user and password.',
  '28000':
    'Let this user in (pg_hba.conf), or add sslmode=require where the server takes encrypted connections only.',
  '3D000': 'Create the database, or name one that is there.',
  '42501': 'Grant the right (docs/operations.md lists all), or name another user.',
  '25006':
    'Name the server that takes writes, or all of them with target_session_attrs=read-write; a server, database or role with default_transaction_read_only must be set back.',
  '55P03':
    'A transaction holds a lock on a table for long: find it in pg_stat_activity, and end it or let it end.',
  '53300': 'Raise max_connections, or give this user more: docs/operations.md says how many.',
  ECONNREFUSED: 'Start the server, or set the right host and port.',
  ENOTFOUND: NAME_THE_HOST,
  EAI_AGAIN: NAME_THE_HOST,
};

/** As the driver says it: the server presents a certificate that this program does not trust. */
const isUntrusted = (code: string): boolean =>
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT|CERT_)/.test(
    code,
  );

type Told = { readonly message: string; readonly code: string };

const told = (error: unknown): Told => {
  if (typeof error !== 'object' || error === null) return { message: String(error), code: '' };
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown }; // any error may have them
  return {
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : '',
  };
};

const remedyFor = ({ message, code }: Told): string => {
  if (isUntrusted(code))
    return 'Give the authority that signed it as sslrootcert=FILE, or encrypt without a look at it by sslmode=require.';
  if (message.includes('does not support SSL'))
    return 'Turn encryption on in the server, or take sslmode=prefer.';
  if (/pool_mode|statement pooling|unsupported startup parameter/.test(message))
    return 'Set pool_mode=session in the pooler, or name the server itself.';
  if (/timeout expired|Query read timeout|Timeout acquiring/.test(message))
    return 'Look whether it is overloaded, frozen, or a pooler without a free connection.';
  if (message.includes('for the lock "')) return 'Let that program finish, or end it.';
  return remedies[code] ?? 'Look at the log of the server.';
};

/** A name that nobody knows may be a piece of a password that was not written as it must be. */
const foundIn = ({ message, code }: Told): string => {
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return 'no such host';
  return (message === '' ? code : message) || 'an error without a message';
};

/** What to tell the person who set the server up, of an error that asking it gave. */
export const unfit = (url: string, tried: string, error: unknown): ServerUnfit => {
  if (error instanceof ServerUnfit) return error;
  const heard = told(error);
  return new ServerUnfit(
    { setting: SETTING, url, tried, found: foundIn(heard), remedy: remedyFor(heard) },
    { cause: error },
  );
};

/** Whether the same try may succeed in a while; a refusal stays one. */
export const mayPass = (error: unknown): boolean =>
  !(error instanceof ServerUnfit) && isTransientPostgresError(error);

export const NO_SCHEMA = {
  tried: 'which schema it works in',
  found: 'a search_path that names no schema that is there, or none that this user may use',
  remedy:
    'Create the schema and grant usage on it, or name one: alter role … set search_path, or ?options=-csearch_path%3D… in the setting.',
} as const;

export const withoutSchema = (url: string): ServerUnfit =>
  new ServerUnfit({ setting: SETTING, url, ...NO_SCHEMA });
