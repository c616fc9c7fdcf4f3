import { LONGEST_TIMER_MS } from '../longest-timer';
import { ServerUnfit } from '../server-check';
import { settingsIn, type SessionSettings } from './session-settings';
import { encryptions, type Encryption } from './tls';

export type PostgresHost = { readonly host?: string; readonly port?: number };

/** What a connection string says, as libpq reads it. */
export type PostgresAddress = {
  /** To be tried in this order. */
  readonly hosts: readonly PostgresHost[];
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly applicationName?: string;
  /** For one host; by default the longest of ours. */
  readonly connectTimeoutMs?: number;
  /** To be tried in this order. */
  readonly encryptions: readonly Encryption[];
  /** Whether a server that takes no writes is passed by. */
  readonly mustWrite: boolean;
  /** Settings of each session that the connection string names itself. */
  readonly settings: SessionSettings;
  /** What is left of `options`, for whoever routes connections by it. */
  readonly options: string;
};

const SHAPE = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^@/?#]*))?(?:\?([^#]*))?$/i;

const EXAMPLE = 'postgres://user:password@host:5432/database';

const refuse = (url: string, found: string, remedy: string): never => {
  throw new ServerUnfit({ setting: 'POSTGRES_URL', url, tried: 'to read it', found, remedy });
};

const decoded = (url: string, text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(url, 'a % that begins no encoded character', 'Write it as %25.');
  }
};

const portOf = (url: string, text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  return refuse(
    url,
    'a port that is no number from 1 to 65535',
    `It reads ${EXAMPLE}; in a password, @ : / ? # % are written as %40 %3A %2F %3F %23 %25.`,
  );
};

/** `a:1`, `[::1]:1`, `%2Frun%2Fpostgresql`; a port may be missing. */
const hostOf = (url: string, text: string): PostgresHost => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? [];
  const host = decoded(url, bracketed ?? plain ?? '');
  return {
    ...(host !== '' && { host }),
    ...(port !== undefined && port !== '' && { port: portOf(url, port) }),
  };
};

/** Those of the authority, else the parameters `host` and `port`, which may be lists as well. */
const hostsOf = (
  url: string,
  authority: string,
  parameters: URLSearchParams,
): readonly PostgresHost[] => {
  const hosts = parameters.get('host');
  const ports = parameters.get('port')?.split(',');
  if (hosts === null) return authority.split(',').map((one) => hostOf(url, one));
  return hosts.split(',').map((host, index) => {
    const port = ports?.[index] ?? ports?.[0];
    return { host, ...(port !== undefined && { port: portOf(url, port) }) };
  });
};

/** Every process writes, so that of several servers only one that takes writes will do. */
const mustWriteOf = (url: string, attrs: string | null, hosts: number): boolean => {
  if (attrs === null || attrs === 'any') return hosts > 1;
  if (attrs === 'read-write' || attrs === 'primary') return true;
  return refuse(
    url,
    `target_session_attrs=${attrs}`,
    'Punctual writes: use target_session_attrs=read-write.',
  );
};

/** @throws ServerUnfit for what is no connection string, or one that cannot do: no server was asked */
export const readAddress = (url: string): PostgresAddress => {
  const shape = SHAPE.exec(url);
  if (!shape)
    return refuse(
      url,
      'no connection string',
      `It reads ${EXAMPLE}; in a password, @ : / ? # % are written as %40 %3A %2F %3F %23 %25.`,
    );
  const [, userInfo, authority = '', path, query = ''] = shape;
  const parameters = new URLSearchParams(query);
  const [, plainUser, plainPassword] = /^([^:]*)(?::(.*))?$/.exec(userInfo ?? '') ?? [];
  const user = parameters.get('user') ?? decoded(url, plainUser ?? '');
  const password = parameters.get('password') ?? decoded(url, plainPassword ?? '');
  const database = parameters.get('dbname') ?? decoded(url, path ?? '');
  const applicationName = parameters.get('application_name');
  const connectTimeoutS = Number(parameters.get('connect_timeout') ?? 0);
  const hosts = hostsOf(url, authority, parameters);
  const { settings, rest } = settingsIn(parameters.get('options') ?? '');
  return {
    hosts,
    ...(user !== '' && { user }),
    ...(password !== '' && { password }),
    ...(database !== '' && { database }),
    ...(applicationName !== null && { applicationName }),
    ...(connectTimeoutS > 0 && {
      connectTimeoutMs: Math.min(connectTimeoutS * 1_000, LONGEST_TIMER_MS),
    }),
    encryptions: encryptions(url, parameters),
    mustWrite: mustWriteOf(url, parameters.get('target_session_attrs'), hosts.length),
    settings,
    options: rest,
  };
};
