import { createHash } from 'node:crypto';
import type { Signer } from '../../domain/signer';
import type { Clock, Instant } from '../../domain/time';
import type { ApiKey } from './authenticator';
import type { AuthOutcome, Principal, Role } from './principal';

/** How long a browser stays signed in. */
const SESSION_MS = 12 * 60 * 60_000;

const PREFIX = 'ps_';
const REFUSED: AuthOutcome = { outcome: 'refused' };

export type Session = { readonly token: string; readonly expiresAt: Instant };

export type Sessions = {
  /** A token in place of the proof that the principal came with, which it does not outlive. */
  readonly begin: (principal: Principal & { readonly role: Role }) => Session;
  /** Undefined for a token of another kind. */
  readonly find: (token: string) => AuthOutcome | undefined;
};

type Claims = readonly [id: string, role: Role, expiresAt: Instant, keys: string];

export type SessionDeps = {
  readonly signer: Signer;
  readonly clock: Clock;
  readonly apiKeys: readonly ApiKey[];
};

/**
 * Signed tokens that every instance knows without keeping anything: what a browser holds, so that an API key need not
 * lie there. One ends when its time is over, and when the keys of its principal have changed.
 */
export const sessions = ({ signer, clock, apiKeys }: SessionDeps): Sessions => {
  const keysOf = (id: string, role: Role): string => {
    const digest = createHash('sha256');
    for (const { principalId, role: of, keyDigest } of apiKeys)
      if (principalId === id && of === role) digest.update(keyDigest);
    return digest.digest('base64url').slice(0, 22);
  };
  const textOf = (claims: string): string => JSON.stringify(['session', claims]);

  return {
    begin: ({ id, role, expiresAt = Infinity }) => {
      const until = Math.min(clock.now() + SESSION_MS, expiresAt);
      const claims: Claims = [id, role, until, keysOf(id, role)];
      const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return { token: `${PREFIX}${text}.${signer.sign(textOf(text))}`, expiresAt: until };
    },
    find: (token) => {
      if (!token.startsWith(PREFIX)) return undefined;
      const [text = '', signature = ''] = token.slice(PREFIX.length).split('.');
      if (!signer.isSignature(textOf(text), signature)) return REFUSED;
      const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as Claims; // signed by us
      const [id, role, expiresAt, keys] = claims;
      const isOver = clock.now() >= expiresAt || keys !== keysOf(id, role);
      return isOver ? REFUSED : { outcome: 'authenticated', principal: { id, role, expiresAt } };
    },
  };
};
