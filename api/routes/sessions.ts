import { toTimestamp } from '../../domain/time';
import type { Authenticate, Principal, Role } from '../access/principal';
import type { Sessions } from '../access/sessions';
import type { SignInCodes } from '../access/sign-in-codes';
import type { Route } from '../http/route';
import { sessionSchema, signInCodeSchema } from '../schemas/session-answers';
import { JOB_ROLES } from './described';

export type SessionsDeps = {
  readonly sessions: Sessions;
  readonly codes: SignInCodes;
  readonly authenticate: Authenticate;
};

const hasRole = (principal: Principal): principal is Principal & { readonly role: Role } =>
  principal.role !== 'none';

/** Signing in: what a browser holds is neither a key nor in an address. */
export const sessionRoutes = ({
  sessions,
  codes,
  authenticate,
}: SessionsDeps): readonly Route[] => [
  {
    method: 'POST',
    path: '/v1/sessions',
    operationId: 'beginSession',
    summary: 'Get a token for a browser, in exchange for a key, a JWT or a one-time code',
    roles: JOB_ROLES,
    authenticate: (token) => {
      const principal = codes.take(token);
      return principal ? { outcome: 'authenticated', principal } : authenticate(token);
    },
    answers: [
      {
        status: 201,
        description: 'Twelve hours, and no longer than what it was given for.',
        schema: sessionSchema,
      },
    ],
    late: 'never',
    handle: ({ principal }) => {
      if (!hasRole(principal)) return Promise.resolve({ code: 'forbidden' });
      const { token, expiresAt } = sessions.begin(principal);
      return Promise.resolve({
        status: 201,
        body: {
          token,
          principalId: principal.id,
          role: principal.role,
          expiresAt: toTimestamp(expiresAt),
        },
      });
    },
  },
  {
    method: 'POST',
    path: '/v1/sign-in-codes',
    operationId: 'makeSignInCode',
    summary: 'Make a code that signs a browser in, once and within a minute',
    roles: JOB_ROLES,
    answers: [
      {
        status: 201,
        description: 'Good at the server that made it.',
        schema: signInCodeSchema,
      },
    ],
    late: 'never',
    handle: ({ principal }) => {
      const { code, expiresAt } = codes.make(principal);
      return Promise.resolve({ status: 201, body: { code, expiresAt: toTimestamp(expiresAt) } });
    },
  },
];
