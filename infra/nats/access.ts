import { readFileSync } from 'node:fs';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { credsAuthenticator, type ConnectionOptions, type TlsOptions } from 'nats';
import { ServerUnfit } from '../server-check';
import { parseBrokerUrl, type BrokerUrl } from './broker-url';

/** Where the broker is and who we are to it. */
export type BrokerAccess = {
  /** One address or several, comma-separated. */
  readonly url: string;
  /** Certificates of those that may sign the server's, PEM; by default those of the system. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** A user's JWT and seed, as `nsc` writes them. */
  readonly credsFile?: string | undefined;
};

const files = [
  ['NATS_CA_FILE', 'caFile'],
  ['NATS_CERT_FILE', 'certFile'],
  ['NATS_KEY_FILE', 'keyFile'],
  ['NATS_CREDS_FILE', 'credsFile'],
] as const;

const refuseUnreadable = (access: BrokerAccess): void => {
  for (const [setting, key] of files) {
    const file = access[key];
    if (file === undefined) continue;
    try {
      readFileSync(file);
    } catch (cause) {
      throw new ServerUnfit(
        {
          setting: 'NATS_URL',
          url: access.url,
          tried: `to read ${file}, which ${setting} names`,
          found: (cause as NodeJS.ErrnoException).code ?? String(cause),
          remedy: `Let ${setting} name a file that this user may read.`,
        },
        { cause },
      );
    }
  }
};

const refuseHalves = ({ url, certFile, keyFile, credsFile }: BrokerAccess, parsed: BrokerUrl) => {
  const refuse = (found: string, remedy: string): never => {
    throw new ServerUnfit({ setting: 'NATS_URL', url, tried: 'to read it', found, remedy });
  };
  if ((certFile === undefined) !== (keyFile === undefined))
    refuse(
      'a client certificate without its key, or a key without its certificate',
      'Set both NATS_CERT_FILE and NATS_KEY_FILE, or none.',
    );
  if (credsFile !== undefined && (parsed.user !== undefined || parsed.token !== undefined))
    refuse(
      'a user or a token beside NATS_CREDS_FILE',
      'Take it out of NATS_URL, or do without the file.',
    );
};

/**
 * The client leaves a host that is an IP address unnamed, and Node then looks for `localhost` in the certificate:
 * such a server is held against the addresses that the setting names.
 */
export const identityCheck =
  (addresses: readonly string[]) =>
  (host: string, certificate: PeerCertificate): Error | undefined => {
    const errors = (addresses.length > 0 ? addresses : [host]).map((name) =>
      checkServerIdentity(name, certificate),
    );
    return errors.some((error) => error === undefined) ? undefined : errors[0];
  };

/** Node's own options of a TLS connection pass through the client beside those that it names. */
type NodeTlsOptions = TlsOptions & {
  readonly checkServerIdentity?: ReturnType<typeof identityCheck>;
};

const tlsOf = (
  { caFile, certFile, keyFile }: BrokerAccess,
  { tls, hosts, ips }: BrokerUrl,
): NodeTlsOptions | undefined => {
  const isAsked = tls || caFile !== undefined || certFile !== undefined;
  const identity = ips.length === hosts.length && { checkServerIdentity: identityCheck(ips) };
  if (!isAsked) return undefined;
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
    ...identity,
  };
};

/**
 * How to reach the broker, for every program that does. Files are read again at each connect, for certificates
 * and credentials are renewed while a process runs.
 *
 * @throws ServerUnfit for an address or a file that is no use
 */
export const connectOptions = (access: BrokerAccess): ConnectionOptions => {
  const parsed = parseBrokerUrl(access.url);
  refuseHalves(access, parsed);
  refuseUnreadable(access);
  const { credsFile } = access;
  const tls = tlsOf(access, parsed);
  return {
    servers: [...parsed.servers],
    ...(parsed.user !== undefined && { user: parsed.user, pass: parsed.password ?? '' }),
    ...(parsed.token !== undefined && { token: parsed.token }),
    ...(credsFile !== undefined && {
      authenticator: credsAuthenticator(() => readFileSync(credsFile)),
    }),
    ...(tls && { tls }),
  };
};
