import { ServerUnfit } from '../server-check';
import { isTransientPostgresError } from './failures';

const SETTING = 'POSTGRES_URL';

/** What a person can do, by SQLSTATE or Node's code. */
const remedies: Readonly<Record<string, string>> = {
  '28P01': 'Set the right user and password.',
  '28000':
    'Let this user in (pg_hba.conf), or add sslmode=require where the server takes encrypted connections only.',
  '3D000': 'Create the database, or name one that is there.',
  '42501': 'Grant the right (docs/operations.md lists all), or name another user.',
  '25006':
    'Name the server that takes writes, or all of them with target_session_attrs=read-write; a server set to read-only must be set back.',
  '53300': 'Raise max_connections, or give this user more: docs/operations.md says how many.',
  ECONNREFUSED: 'Start the server, or set the right host and port.',
  ENOTFOUND:
    'Set the right host; in a password, @ : / ? # % are written as %40 %3A %2F %3F %23 %25.',
};

/** As the driver says it: the server presents a certificate that this program does not trust. */
const isUntrusted = (code: string): boolean =>
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT|CERT_)/.test(
    code,
  );

const remedyFor = (error: Error): string => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (isUntrusted(code))
    return 'Give the authority that signed it as sslrootcert=FILE, or encrypt without a look at it by sslmode=require.';
  if (error.message.includes('does not support SSL'))
    return 'Turn encryption on in the server, or take sslmode=prefer.';
  if (/pool_mode|statement pooling|unsupported startup parameter/.test(error.message))
    return 'Set pool_mode=session in the pooler, or name the server itself.';
  return remedies[code] ?? 'Look at the log of the server.';
};

/** A name that nobody knows may be a piece of a password that was not written as it must be. */
const foundIn = (error: Error): string =>
  error.message.includes('ENOTFOUND') || error.message.includes('EAI_AGAIN')
    ? 'no such host'
    : error.message === ''
      ? String('code' in error ? error.code : error.name)
      : error.message;

/** What to tell the person who set the server up, of an error that asking it gave. */
export const unfit = (url: string, tried: string, error: unknown): ServerUnfit => {
  if (error instanceof ServerUnfit) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const [found, remedy] = [foundIn(cause), remedyFor(cause)];
  return new ServerUnfit({ setting: SETTING, url, tried, found, remedy }, { cause });
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
