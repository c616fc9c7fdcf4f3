import {
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { httpUser } from '../../support/http';
import { signToken, tokenClaims, tokenHeader, type Issuer } from '../../support/jwks';
import { issuerOfTokens, stack, userOf } from './stack';

// tokens of an identity provider, checked with the keys that it publishes

let issuer: Issuer;
beforeAll(() => {
  issuer = issuerOfTokens();
});

const now = (): number => Math.floor(Date.now() / 1_000);
const claims = tokenClaims;
const header = () => tokenHeader(issuer);
const signed: (payload: JWTPayload, protectedHeader?: JWTHeaderParameters) => Promise<string> = (
  ...token
) => signToken(issuer, ...token);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const list = (token: string) => httpUser(stack().httpUrl, token).get('/v1/jobs');

test('a good token acts as its subject, beside API keys', async () => {
  const grace = httpUser(stack().httpUrl, await signed(claims()));
  const jobId = await grace.schedule(Date.now());
  expect(await grace.untilStatus(jobId, 'succeeded')).toMatchObject({ ownerId: 'grace' });
  const ada = userOf('ada');
  expect((await ada.get(`/v1/jobs/${jobId}`)).status).toBe(404);
  const operator = httpUser(
    stack().httpUrl,
    await signed(claims({ sub: 'linus', roles: ['operator'] })),
  );
  expect((await operator.get(`/v1/jobs/${jobId}`)).body.jobId).toBe(jobId);
});

test('a good token without a role of ours is known, and may do nothing', async () => {
  const { status, body } = await list(await signed(claims({ roles: ['accountant'] })));
  expect([status, body.type]).toEqual([403, '/problems/forbidden']);
});

test.each<readonly [why: string, token: () => Promise<string>]>([
  ['expired', () => signed(claims({ exp: now() - 120 }))],
  ['without an end', () => signed(claims({ exp: undefined }))],
  ['not valid yet', () => signed(claims({ nbf: now() + 600 }))],
  ['issued in the future', () => signed(claims({ iat: now() + 600 }))],
  ['for another audience', () => signed(claims({ aud: 'payroll' }))],
  ['from another issuer', () => signed(claims({ iss: 'https://evil.example' }))],
  ['without a subject', () => signed(claims({ sub: undefined }))],
  ['unsigned', () => Promise.resolve(`${part({ alg: 'none' })}.${part(claims())}.`)],
  [
    'signed with the public key as the secret of an HMAC',
    async () => {
      const secret = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
      const asHmac = { alg: 'HS256', kid: issuer.keyId };
      return await new SignJWT(claims()).setProtectedHeader(asHmac).sign(secret);
    },
  ],
  ['of an unknown key', () => signed(claims(), { ...header(), kid: 'key-2' })],
  [
    'of a key that somebody else made and calls by the same name',
    async () => {
      const { privateKey } = await generateKeyPair('RS256');
      return await new SignJWT(claims()).setProtectedHeader(header()).sign(privateKey);
    },
  ],
  ['that tells where its key is', () => signed(claims(), { ...header(), jku: issuer.url })],
  [
    'changed after it was signed',
    async () => {
      const [head, , signature] = (await signed(claims())).split('.');
      return `${head}.${part(claims({ sub: 'ada' }))}.${signature}`;
    },
  ],
])('a token %s is refused like no token at all', async (_why, token) => {
  const without = await list('');
  const answer = await list(await token());
  expect(answer.status).toBe(401);
  expect({ ...answer.body, requestId: '' }).toEqual({ ...without.body, requestId: '' });
});
