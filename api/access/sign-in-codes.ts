import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock, Instant } from '../../domain/time';
import { digestOfKey } from './authenticator';
import type { Principal } from './principal';

/** How long a link waits for its click. */
const VALID_MS = 60_000;
const MAX_KEPT = 1_000;
const PREFIX = 'pc_';

export type SignInCode = { readonly code: string; readonly expiresAt: Instant };

export type SignInCodes = {
  /** A code that stands for the principal once, within a minute, at this process. */
  readonly make: (principal: Principal) => SignInCode;
  /** Uses it up. Undefined for one that is used, too old, or of another process. */
  readonly take: (code: string) => Principal | undefined;
};

/** One-time codes for links: an address lands in histories and on screens, where a key must not be. */
export const signInCodes = ({ now }: Clock): SignInCodes => {
  const kept = new LRUCache<string, { readonly principal: Principal; readonly expiresAt: Instant }>(
    {
      max: MAX_KEPT,
    },
  );
  const keptAs = (code: string): string => digestOfKey(code).toString('base64');
  return {
    make: (principal) => {
      const code = `${PREFIX}${randomBytes(24).toString('base64url')}`;
      const expiresAt = now() + VALID_MS;
      kept.set(keptAs(code), { principal, expiresAt });
      return { code, expiresAt };
    },
    take: (code) => {
      if (!code.startsWith(PREFIX)) return undefined;
      const key = keptAs(code);
      const found = kept.get(key);
      kept.delete(key);
      return found && now() < found.expiresAt ? found.principal : undefined;
    },
  };
};
