import { hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../domain/time';
import { jwtAuthenticate, type JwtSettings } from './jwt';
import type { AuthOutcome, Authenticate, Principal, Role } from './principal';

/** An API key as settings keep it: never the key itself. */
export type ApiKey = {
  /** SHA-256 of the key, 32 bytes. */
  readonly keyDigest: Buffer;
  readonly principalId: string;
  readonly role: Role;
};

export const digestOfKey = (key: string): Buffer => hash('sha256', key, 'buffer');

const REFUSED: AuthOutcome = { outcome: 'refused' };

/** Looks at every key, whichever fits, so that time tells nothing. */
const byApiKey = (keys: readonly ApiKey[]): ((token: string) => Principal | undefined) => {
  const known = keys.map(({ keyDigest, principalId: id, role }) => ({
    keyDigest,
    principal: { id, role },
  }));
  return (token) => {
    const digest = digestOfKey(token);
    let found: Principal | undefined;
    for (const { keyDigest, principal } of known)
      if (timingSafeEqual(keyDigest, digest)) found = principal;
    return found;
  };
};

export type AuthSettings = {
  readonly apiKeys: readonly ApiKey[];
  readonly jwt?: JwtSettings;
  /** Undefined for a token of another kind. Absent: nobody has sessions. */
  readonly findSession?: (token: string) => AuthOutcome | undefined;
};

/** Tells who a bearer token belongs to: a session, an API key, or else a JWT where these are set up. */
export const authenticator = (settings: AuthSettings, clock: Clock): Authenticate => {
  const principalOf = byApiKey(settings.apiKeys);
  const byJwt = settings.jwt && jwtAuthenticate(settings.jwt, clock);
  return (token) => {
    const principal = principalOf(token);
    if (principal) return { outcome: 'authenticated', principal };
    const session = settings.findSession?.(token);
    if (session) return session;
    return byJwt ? byJwt(token) : REFUSED;
  };
};
