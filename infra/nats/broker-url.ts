import { isIP } from 'node:net';
import { ServerUnfit } from '../server-check';

/** What `NATS_URL` says. */
export type BrokerUrl = {
  /** `host:port`, as the client takes them. */
  readonly servers: readonly string[];
  readonly hosts: readonly string[];
  /** Those of the hosts that are addresses, without brackets. */
  readonly ips: readonly string[];
  /** Asked for by `tls://` in any of them: a connection in clear text is then no connection. */
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
};

const DEFAULT_PORT = '4222';
const SHAPE =
  'Write nats://user:password@host:4222, or tls:// for TLS, several addresses with commas between them; in a user or a password write @ : / , and % as %40 %3A %2F %2C and %25.';

const refuse = (url: string, found: string): never => {
  throw new ServerUnfit({
    setting: 'NATS_URL',
    url,
    tried: 'to read it',
    found,
    remedy: SHAPE,
  });
};

const decoded = (url: string, text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(url, 'a % that begins no character');
  }
};

type Address = {
  readonly scheme: string;
  readonly server: string;
  readonly host: string;
  readonly userInfo: string | undefined;
};

const parseAddress = (whole: string, address: string): Address => {
  const [, scheme = 'nats', rest = ''] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(address) ?? [];
  const name = scheme.toLowerCase();
  if (name !== 'nats' && name !== 'tls') refuse(whole, `the scheme ${name}://`);
  const at = rest.lastIndexOf('@');
  const userInfo = at < 0 ? undefined : rest.slice(0, at);
  const place = rest.slice(at + 1).replace(/\/$/, '');
  const [, bracketed, plain, port = DEFAULT_PORT] =
    /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(place) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535 || Number(port) < 1)
    return refuse(whole, 'an address that is not host:port');
  if (userInfo !== undefined && /[@/?#]/.test(userInfo))
    refuse(whole, 'a user or a password with one of @ / ? # as it is');
  return {
    scheme: name,
    server: `${bracketed === undefined ? host : `[${host}]`}:${port}`,
    host,
    userInfo,
  };
};

/**
 * `nats://` or `tls://`, with `user:password@` or `token@`, percent-encoded; one for all addresses, of which only one
 * need have it.
 *
 * @throws ServerUnfit that shows no secret
 */
export const parseBrokerUrl = (url: string): BrokerUrl => {
  const addresses = url
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => parseAddress(url, one));
  if (addresses.length === 0) refuse(url, 'no address');
  const identities = new Set(addresses.flatMap(({ userInfo }) => userInfo ?? []));
  if (identities.size > 1) refuse(url, 'more than one user');
  const [identity] = identities;
  const [name = '', ...rest] = identity?.split(':') ?? [];
  if (identity !== undefined && name === '') refuse(url, 'a password without a user');
  if (rest.length > 1) refuse(url, 'a user or a password with : as it is');
  const [password] = rest;
  const hosts = addresses.map(({ host }) => host);
  return {
    servers: addresses.map(({ server }) => server),
    hosts,
    ips: hosts.filter((host) => isIP(host) !== 0),
    tls: addresses.some(({ scheme }) => scheme === 'tls'),
    ...(identity !== undefined &&
      (password === undefined
        ? { token: decoded(url, name) }
        : { user: decoded(url, name), password: decoded(url, password) })),
  };
};
