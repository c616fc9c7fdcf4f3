import type { Actor } from '../../domain/events/metadata';
import type { Instant } from '../../domain/time';

export const roles = ['user', 'operator', 'executor'] as const;
export type Role = (typeof roles)[number];

/** Who asks. A valid token may carry no role of ours: then it may do nothing. */
export type Principal = {
  readonly id: string;
  readonly role: Role | 'none';
  /** When the proof of who it is runs out; a live connection ends then. */
  readonly expiresAt?: Instant;
};

export type AuthOutcome =
  | { readonly outcome: 'authenticated'; readonly principal: Principal }
  | { readonly outcome: 'refused' }
  /** The keys to check a token with cannot be reached. */
  | { readonly outcome: 'unavailable' };

export type Authenticate = (token: string) => AuthOutcome | Promise<AuthOutcome>;

export const isOperator = ({ role }: Pick<Principal, 'role'>): boolean => role === 'operator';

/** @throws Error for a principal without a role: no route lets one through */
export const actorOf = ({ id, role }: Principal): Actor => {
  if (role === 'none') throw new Error('a principal without a role cannot act');
  return { kind: role, id };
};
