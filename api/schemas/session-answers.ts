import { Type } from '@sinclair/typebox';
import { oneOf, timestamp } from './parts';

export const sessionSchema = Type.Object({
  token: Type.String({ description: 'A bearer token in place of the key, the JWT or the code.' }),
  principalId: Type.String(),
  role: oneOf(['user', 'operator']),
  expiresAt: timestamp,
});

export const signInCodeSchema = Type.Object({
  code: Type.String({
    description: 'For POST /v1/sessions, once; as `#sign-in=…` behind the address of the console.',
  }),
  expiresAt: timestamp,
});
