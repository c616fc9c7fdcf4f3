import { readFileSync } from 'node:fs';
import { LONGEST_TIMER_MS } from '../longest-timer';
import { ServerUnfit } from '../server-check';

export type Endpoint = { readonly address: string; readonly port: number };

/** A connection string taken apart, as the client's constructor wants it. */
export type ConnectionSettings = {
  /** `discover`: names that DNS knows several nodes under. */
  readonly kind: 'single' | 'seeds' | 'discover';
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly security: {
    readonly insecure: boolean;
    readonly rootCertificate?: Buffer;
    readonly userCertFile?: Buffer;
    readonly userKeyFile?: Buffer;
  };
  /** By the client's names; `gossipTimeout` is in seconds there. */
  readonly options: Readonly<Record<string, string | number>>;
};

const EXAMPLE =
  'Write it as esdb://user:password@host:2113?tls=true, with several hosts for a cluster; percent-encode what is special in user and password.';

const DEFAULT_PORT = 2113;

const schemes: Readonly<Record<string, 'esdb' | 'discover'>> = {
  esdb: 'esdb',
  kurrentdb: 'esdb',
  kdb: 'esdb',
  'esdb+discover': 'discover',
  'kurrentdb+discover': 'discover',
  'kdb+discover': 'discover',
};

const nodePreferences = ['leader', 'follower', 'read_only_replica', 'random'];

/** A dead connection is found within interval + timeout; the client warns of an interval below 10 s. */
const defaults = { keepAliveInterval: 10_000, keepAliveTimeout: 4_000, gossipTimeout: 3 };

const wholeNumbers = [
  'maxDiscoverAttempts',
  'defaultDeadline',
  'discoveryInterval',
  'gossipTimeout',
  'keepAliveInterval',
  'keepAliveTimeout',
];
const files = ['tlsCAFile', 'userCertFile', 'userKeyFile'];
/** `throwOnAppendFailure` is not the user's to set: with false the client makes up revisions. */
const known = [
  ...wholeNumbers,
  ...files,
  'connectionName',
  'nodePreference',
  'tls',
  'throwOnAppendFailure',
];

const flat = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');
const nameOf = (written: string): string | undefined =>
  known.find((name) => flat(name) === flat(written));

const isLoneNumber = (text: string): boolean => /^-?\d+$/.test(text);

type Refuse = (found: string, remedy?: string) => ServerUnfit;

const decoded = (text: string, refuse: Refuse): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse('a percent sign that begins no character');
  }
};

/** `host`, `host:port`, `[v6]` or `[v6]:port`. */
const endpointOf = (text: string, refuse: Refuse): Endpoint => {
  const [, address = '', port] = /^(\[[0-9a-f:.]+\]|[^[\]:@/]+)(?::(\d+))?$/i.exec(text) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  // not the text: a login without its @ is a password
  if (address === '' || number > 65_535) throw refuse('no host[:port] where one should be');
  return { address, port: number };
};

const parameterOf = (pair: string, refuse: Refuse): readonly [string, string] => {
  const [written = '', ...rest] = pair.split('=');
  const name = nameOf(written);
  if (name === undefined)
    throw refuse(`the unknown parameter "${written}"`, `Those known are ${known.join(', ')}.`);
  const value = decoded(rest.join('='), refuse).trim();
  if (wholeNumbers.includes(name) && !isLoneNumber(value))
    throw refuse(`no whole number at ${name}`);
  if (name === 'tls' && value !== 'true' && value !== 'false')
    throw refuse('neither true nor false at tls');
  if (name === 'nodePreference' && !nodePreferences.includes(value.toLowerCase()))
    throw refuse(`none of ${nodePreferences.join(', ')} at nodePreference`);
  return [name, value];
};

/** Other clients of the same server mean milliseconds, this one seconds; nobody waits for gossip for minutes. */
const gossipSeconds = (value: number): number =>
  Math.min(30, Math.max(1, value >= 100 ? Math.ceil(value / 1_000) : value));

const fileOf = (path: string | undefined, refuse: Refuse): Buffer | undefined => {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(`a file that cannot be read: ${why}`, 'Correct the path; it is a PEM file.');
  }
};

/**
 * Reads a connection string of EventStoreDB or KurrentDB.
 *
 * The client's own parser knows no IPv6, cuts a password at its first colon, and writes the string, password included,
 * to the console.
 *
 * @throws ServerUnfit  with the setting's name and without the password
 */
export const parseConnectionString = (url: string): ConnectionSettings => {
  const refuse: Refuse = (found, remedy = EXAMPLE) =>
    new ServerUnfit({
      setting: 'EVENTSTORE_URL',
      url,
      tried: 'to read it as a connection string',
      found,
      remedy,
    });
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/i.exec(url.trim()) ?? [];
  const kind = schemes[scheme.toLowerCase()];
  if (kind === undefined) throw refuse('no esdb:// or esdb+discover:// at its beginning');

  const at = rest.lastIndexOf('@');
  const login = at < 0 ? '' : rest.slice(0, at);
  const [hosts = '', query = ''] = rest.slice(at + 1).split('?', 2);
  const [first, ...others] = hosts
    .replace(/\/+$/, '')
    .split(',')
    .map((host) => endpointOf(host.trim(), refuse));
  if (!first) throw refuse('no host');
  const given = new Map(
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => parameterOf(pair, refuse)),
  );

  const [user = '', ...passwordParts] = login.split(':');
  if (login !== '' && passwordParts.length === 0) throw refuse('a user without a password');
  const numbers: Record<string, number> = {};
  for (const name of wholeNumbers) {
    const value = given.get(name);
    if (value === undefined) continue;
    const number = Math.min(Number(value), LONGEST_TIMER_MS);
    numbers[name] = name === 'gossipTimeout' ? gossipSeconds(number) : number;
  }
  const texts: Record<string, string> = {};
  const [connectionName, nodePreference] = [
    given.get('connectionName'),
    given.get('nodePreference'),
  ];
  if (connectionName !== undefined) texts['connectionName'] = connectionName;
  if (nodePreference !== undefined) texts['nodePreference'] = nodePreference.toLowerCase();
  const [rootCertificate, userCertFile, userKeyFile] = files.map((name) =>
    fileOf(given.get(name), refuse),
  );
  if ((userCertFile === undefined) !== (userKeyFile === undefined))
    throw refuse('one of userCertFile and userKeyFile without the other', 'Give both or none.');
  const isSingle = others.length === 0;
  return {
    kind: kind === 'discover' ? 'discover' : isSingle ? 'single' : 'seeds',
    endpoints: [first, ...others],
    ...(login !== '' && {
      credentials: {
        username: decoded(user, refuse),
        password: decoded(passwordParts.join(':'), refuse),
      },
    }),
    security: {
      insecure: given.get('tls') === 'false',
      ...(rootCertificate && { rootCertificate }),
      ...(userCertFile && { userCertFile }),
      ...(userKeyFile && { userKeyFile }),
    },
    options: { ...defaults, ...numbers, ...texts },
  };
};
