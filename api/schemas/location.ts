import ipaddr from 'ipaddr.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
/** What a URL parser would mend and others read otherwise: blanks, control characters, backslashes. */
const MENDED = /[\s\p{Cc}\\]/u;
/** An http location has its host where everybody looks for it. */
const HTTP = /^https?:\/\/[^/?#]/i;
const IPV4 = /^[\d.]+$/;
const LOCALHOST = /(?:^|\.)localhost\.*$/;

const urlOf = (location: string): URL | undefined => {
  try {
    return new URL(location);
  } catch {
    return undefined;
  }
};

/** In lower case, without the colon; undefined when there is none. */
export const schemeOf = (location: string): string | undefined =>
  SCHEME.exec(location)?.[1]?.toLowerCase();

const isHttp = (location: string): boolean => /^https?$/.test(schemeOf(location) ?? '');

/** Whether it is a location: an http(s) URL without user and password, or any other scheme, whose rest is opaque. */
export const isLocation = (location: string): boolean => {
  if (schemeOf(location) === undefined || MENDED.test(location)) return false;
  if (!isHttp(location)) return true;
  const url = HTTP.test(location) ? urlOf(location) : undefined;
  return url?.username === '' && url.password === '';
};

const isPublicAddress = (host: string): boolean => {
  const address = ipaddr.process(host); // unwraps ::ffff:127.0.0.1
  if (address.range() !== 'unicast') return false;
  // of IPv6 only 2000::/3 has been given out so far
  return address instanceof ipaddr.IPv4 || (address.parts[0] ?? 0) >> 13 === 1;
};

/**
 * Whether an http(s) location names, literally, an address that is not public: loopback, private,
 * link-local, translated and so on, in any spelling that the URL parser understands. What a name
 * resolves to is checked where it is connected to.
 */
export const isPrivateTarget = (location: string): boolean => {
  const url = isHttp(location) ? urlOf(location) : undefined;
  if (!url) return false;
  const host = url.hostname;
  if (host.startsWith('[')) return !isPublicAddress(host.slice(1, -1));
  // the URL parser has written every IPv4 address as four numbers; asking ipaddr about names is slow
  if (IPV4.test(host)) return !isPublicAddress(host);
  return LOCALHOST.test(host);
};
