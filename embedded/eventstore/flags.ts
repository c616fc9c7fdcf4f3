import { readFileSync } from 'node:fs';
import type { UserOptions } from './access/users';
import type { Address } from './handlers/gossip';
import type { TlsOptions } from './transport/listener';

const read = (flag: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${flag}: ${path} cannot be read`, { cause: error });
  }
};

/** @throws Error in a sentence when only one of the two is given, or a file cannot be read */
export const givenTls = (
  cert: string | undefined,
  key: string | undefined,
): TlsOptions | undefined => {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new Error('--tls-cert and --tls-key go together');
  return { cert: read('--tls-cert', cert), key: read('--tls-key', key) };
};

/** `name:password`; the password may have colons. */
export const givenUser = (text: string): UserOptions => {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1)
    throw new Error('--user and --admin take name:password');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
};

/** `host:port` */
export const givenAddress = (text: string | undefined): Address | undefined => {
  if (text === undefined) return undefined;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new Error('--advertise takes host:port');
  return { host, port: Number(port) };
};
