import {
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type ProtectedHeaderParameters,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { Instant, Clock } from '../../domain/time';
import type { AuthOutcome, Principal } from './principal';
import { MAX_OWNER_LENGTH } from '../../domain/job/limits';
import { isVisibleText } from '../../domain/text';

export type JwtSettings = {
  /** Where the keys are: `createRemoteJWKSet` or `createLocalJWKSet` of jose. */
  readonly getKey: JWTVerifyGetKey;
  readonly issuer?: string;
  readonly audience?: string;
  /** The `typ` header asked for, such as `at+jwt`. */
  readonly typ?: string;
};

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const CLOCK_SKEW_S = 60;
/** How long a token that was found good is not checked again: a signature costs some 200 µs. */
const KEPT_MS = 30_000;
const MAX_KEPT = 1_000;

const REFUSED: AuthOutcome = { outcome: 'refused' };

/** A token that names its own keys asks to be believed without them. */
const bringsItsKey = (header: ProtectedHeaderParameters): boolean =>
  ['jwk', 'jku', 'x5u', 'x5c'].some((name) => name in header);

const roleOf = ({ roles }: JWTPayload): Principal['role'] => {
  const all: readonly unknown[] = Array.isArray(roles) ? roles : [];
  const mine = (['operator', 'user', 'executor'] as const).find((role) => all.includes(role));
  return mine ?? 'none';
};

const principalOf = (payload: JWTPayload, now: Instant): Principal | undefined => {
  const { sub = '', iat, exp = 0 } = payload;
  const isSubject = sub !== '' && sub.length <= MAX_OWNER_LENGTH && isVisibleText(sub);
  const isFromTheFuture = iat !== undefined && iat * 1_000 > now + CLOCK_SKEW_S * 1_000;
  if (!isSubject || isFromTheFuture) return undefined;
  return { id: sub, role: roleOf(payload), expiresAt: exp * 1_000 };
};

/** Anything that jose finds wrong with a token is the token's fault, except that its keys could not be fetched. */
const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  error.code !== errors.JWKSTimeout.code &&
  error.code !== errors.JOSEError.code;

/** Remembers good tokens, for a short while. */
const keptTokens = () => {
  const kept = new LRUCache<string, { readonly outcome: AuthOutcome; readonly until: Instant }>({
    max: MAX_KEPT,
  });
  return {
    find: (token: string, now: Instant): AuthOutcome | undefined => {
      const found = kept.get(token);
      return found && now < found.until ? found.outcome : undefined;
    },
    keep: (token: string, outcome: AuthOutcome, until: Instant): void => {
      kept.set(token, { outcome, until });
    },
  };
};

/** Signed tokens with `sub`, `exp` and `roles`; see RFC 8725 for what is refused and why. */
export const jwtAuthenticate = (
  { getKey, issuer, audience, typ }: JwtSettings,
  clock: Clock,
): ((token: string) => AuthOutcome | Promise<AuthOutcome>) => {
  const kept = keptTokens();
  const options: JWTVerifyOptions = {
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_SKEW_S,
    requiredClaims: ['exp', 'sub'],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(typ !== undefined && { typ }),
  };

  const verify = async (token: string, now: Instant): Promise<AuthOutcome> => {
    try {
      const verified = await jwtVerify(token, getKey, { ...options, currentDate: new Date(now) });
      if (bringsItsKey(verified.protectedHeader)) return REFUSED;
      const principal = principalOf(verified.payload, now);
      if (!principal) return REFUSED;
      const outcome: AuthOutcome = { outcome: 'authenticated', principal };
      kept.keep(token, outcome, Math.min(now + KEPT_MS, principal.expiresAt ?? now));
      return outcome;
    } catch (error) {
      return isTokensFault(error) ? REFUSED : { outcome: 'unavailable' };
    }
  };

  return (token) => {
    if (token.split('.').length !== 3) return REFUSED;
    const now = clock.now();
    return kept.find(token, now) ?? verify(token, now);
  };
};
