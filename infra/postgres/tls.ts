import { readFileSync } from 'node:fs';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { ServerUnfit } from '../server-check';

/** As the driver takes it: false for none, undefined for what the environment says. */
export type Encryption = ConnectionOptions | false | undefined;

const refuse = (url: string, found: string, remedy: string): never => {
  throw new ServerUnfit({ setting: 'POSTGRES_URL', url, tried: 'to read it', found, remedy });
};

const fileOf = (url: string, parameters: URLSearchParams, name: string): Buffer | undefined => {
  const path = parameters.get(name);
  if (path === null || path === '') return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    return refuse(
      url,
      `${code} for the file ${path}`,
      `Correct ${name}, or make the file readable.`,
    );
  }
};

/** As with libpq, a root certificate makes even `require` look at who signed. */
const isVerified = (mode: string, hasRoots: boolean): boolean =>
  mode.startsWith('verify-') || (mode === 'require' && hasRoots);

/**
 * What `sslmode` asks for, as libpq means it: `require` encrypts and looks at no certificate, `verify-ca` looks at
 * who signed it, `verify-full` also at the name; `prefer` and `allow` take what the server has. `sslrootcert=system`,
 * or none, takes the authorities that Node.js knows. Without a mode it is as the environment says, and with a file
 * nothing less than `verify-full`.
 */
export const encryptions = (url: string, parameters: URLSearchParams): readonly Encryption[] => {
  const hasFiles = ['sslrootcert', 'sslcert', 'sslkey'].some((name) => parameters.has(name));
  const mode =
    parameters.get('sslmode') ?? parameters.get('ssl') ?? (hasFiles ? 'verify-full' : null);
  if (mode === null) return [undefined];
  if (['disable', 'false', '0'].includes(mode)) return [false];
  const isSystem = parameters.get('sslrootcert') === 'system';
  const ca = isSystem ? undefined : fileOf(url, parameters, 'sslrootcert');
  const cert = fileOf(url, parameters, 'sslcert');
  const key = fileOf(url, parameters, 'sslkey');
  const passphrase = parameters.get('sslpassword');
  const named = { true: 'verify-full', '1': 'verify-full', 'no-verify': 'require' }[mode] ?? mode;
  const encryption: ConnectionOptions = {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(passphrase !== null && { passphrase }),
    rejectUnauthorized: isVerified(named, ca !== undefined),
    ...(named !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
  switch (named) {
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return [encryption];
    case 'prefer':
      return [encryption, false];
    case 'allow':
      return [false, encryption];
    default:
      return refuse(
        url,
        `sslmode=${mode}`,
        'It is one of disable, allow, prefer, require, verify-ca and verify-full.',
      );
  }
};

/** Looks for this name in the certificate: without it the driver would compare an address with `localhost`. */
export const forHost = (encryption: Encryption, host: string | undefined): Encryption => {
  if (!encryption || host === undefined || 'checkServerIdentity' in encryption) return encryption;
  return {
    ...encryption,
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  };
};
