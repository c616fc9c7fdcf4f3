import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A target that we do not call, because of where it leads. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';
  readonly code = 'forbidden-target';
}

/** What the public internet uses of IPv6: all else, such as NAT64 and addresses that hold an IPv4 one, leads elsewhere. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** True only for addresses of the public internet: not for private, loopback, link-local, mapped or reserved ones. */
export const isPublicAddress = (text: string): boolean => {
  try {
    const address = ipaddr.process(text); // ::ffff:10.0.0.1 is 10.0.0.1
    if (address.kind() === 'ipv6' && !address.match(GLOBAL_UNICAST)) return false;
    return address.range() === 'unicast';
  } catch {
    return false;
  }
};

type ResolveAll = (
  host: string,
  done: (error: Error | null, addresses?: readonly LookupAddress[]) => void,
) => void;

const systemResolve: ResolveAll = (host, done) => {
  dnsLookup(host, { all: true }, done);
};

/**
 * A name lookup for sockets that fails when any address of the name is not public. The socket connects to
 * what was checked here, so a second answer of the name server cannot lead elsewhere.
 */
export const publicLookup =
  (resolve: ResolveAll = systemResolve): LookupFunction =>
  (host, options, done) => {
    resolve(host, (error, addresses = []) => {
      const [first] = addresses;
      if (error || !first) {
        done(error ?? new Error(`${host} has no address`), []);
        return;
      }
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        done(new ForbiddenTarget(`${host} leads to an address that is not public`), []);
        return;
      }
      if (options.all) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };

/**
 * Checks what can be checked before a name is looked up.
 *
 * @throws ForbiddenTarget  for credentials in the URL, or an address that is not public; a socket looks no address up
 */
export const checkTarget = (url: URL): void => {
  if (url.username !== '' || url.password !== '')
    throw new ForbiddenTarget('a location carries no credentials');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  if (isAddress && !isPublicAddress(host))
    throw new ForbiddenTarget(`${host} is not a public address`);
};
