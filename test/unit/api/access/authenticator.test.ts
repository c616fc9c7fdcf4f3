import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, errors, exportJWK, SignJWT, type JWTPayload } from 'jose';
import { authenticator, digestOfKey } from '../../../../api/access/authenticator';
import type { AuthOutcome } from '../../../../api/access/principal';
import type { JwtSettings } from '../../../../api/access/jwt';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const now = NOW / 1_000;

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const jwks = async () =>
  createLocalJWKSet({
    keys: [
      { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256' },
      { ...(await exportJWK(rsa.publicKey)), kid: 'rsa' },
    ],
  });

const claims = { sub: 'alice', roles: ['user'], iat: now, exp: now + 600 };

const token = (
  payload: JWTPayload = claims,
  header: Readonly<Record<string, unknown>> = {},
  key: KeyObject = ec.privateKey,
): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'ec', ...header }).sign(key);

const check = async (text: string, settings: Partial<JwtSettings> = {}): Promise<AuthOutcome> => {
  const jwt = { getKey: await jwks(), ...settings };
  return await authenticator({ apiKeys: [], jwt }, { now: () => NOW })(text);
};

const unsigned = (header: object, payload: object): string =>
  [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

test('a signed token is its subject, with its role and its end', async () => {
  expect(await check(await token())).toEqual({
    outcome: 'authenticated',
    principal: { id: 'alice', role: 'user', expiresAt: (now + 600) * 1_000 },
  });
});

test('of several roles the one that may most counts; none of ours may nothing', async () => {
  const roleOf = async (roles: unknown) => {
    const outcome = await check(await token({ ...claims, roles }));
    return outcome.outcome === 'authenticated' ? outcome.principal.role : outcome.outcome;
  };
  expect(await roleOf(['user', 'operator'])).toBe('operator');
  expect(await roleOf(['executor'])).toBe('executor');
  expect(await roleOf(['admin'])).toBe('none');
  expect(await roleOf('operator')).toBe('none');
  expect(await roleOf(undefined)).toBe('none');
});

test('clocks may differ by a minute', async () => {
  expect(await check(await token({ ...claims, exp: now - 59 }))).toMatchObject({
    outcome: 'authenticated',
  });
});

describe('refused', () => {
  const forgeries: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['no signature', () => `${unsigned({ alg: 'none' }, claims)}.`],
    [
      'the public key used as a secret',
      () => {
        const head = unsigned({ alg: 'HS256', kid: 'rsa' }, claims);
        const secret = rsa.publicKey.export({ type: 'spki', format: 'pem' });
        return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
      },
    ],
    [
      'an algorithm that is not ours',
      () => token(claims, { alg: 'PS256', kid: 'rsa' }, rsa.privateKey),
    ],
    ['an unknown key id', () => token(claims, { kid: 'other' })],
    ["a stranger's key", () => token(claims, {}, stranger.privateKey)],
    ['a key address in the token', () => token(claims, { jku: 'https://evil.example/jwks' })],
    ['a certificate address in the token', () => token(claims, { x5u: 'https://evil.example/' })],
    [
      'a key in the token',
      async () => await token(claims, { jwk: await exportJWK(stranger.publicKey) }),
    ],
    ['expired', () => token({ ...claims, exp: now - 61 })],
    ['not valid yet', () => token({ ...claims, nbf: now + 120 })],
    ['issued in the future', () => token({ ...claims, iat: now + 120 })],
    ['no end', () => token({ sub: 'alice', roles: ['user'] })],
    ['no subject', () => token({ roles: ['user'], exp: now + 600 })],
    ['an empty subject', () => token({ ...claims, sub: '' })],
    ['a subject with a line break', () => token({ ...claims, sub: 'a\nb' })],
    ['not a token', () => 'a.b.c'],
  ];
  test.each(forgeries)('%s', async (_why, forge) => {
    expect(await check(await forge())).toEqual({ outcome: 'refused' });
  });

  test.each([
    ['issuer', { issuer: 'https://us.example' }, { iss: 'https://them.example' }, {}],
    ['audience', { audience: 'punctual' }, { aud: 'other' }, {}],
    ['type', { typ: 'at+jwt' }, {}, { typ: 'JWT' }],
  ])('another %s than the one that is set', async (_what, settings, more, header) => {
    const text = await token({ ...claims, ...more }, header);
    expect(await check(text)).toMatchObject({ outcome: 'authenticated' });
    expect(await check(text, settings)).toEqual({ outcome: 'refused' });
  });
});

test.each([new errors.JWKSTimeout(), new TypeError('fetch failed'), new errors.JOSEError('500')])(
  'keys that cannot be fetched (%s) are no fault of the token',
  async (error) => {
    const getKey = () => Promise.reject(error);
    expect(await check(await token(), { getKey })).toEqual({ outcome: 'unavailable' });
  },
);

test('a good token is not checked again for a while, and never after its end', async () => {
  let time = NOW;
  let asked = 0;
  const keys = await jwks();
  const getKey: JwtSettings['getKey'] = (...args) => {
    asked += 1;
    return keys(...args);
  };
  const authenticate = authenticator({ apiKeys: [], jwt: { getKey } }, { now: () => time });
  const text = await token({ ...claims, exp: now + 20 });
  await authenticate(text);
  await authenticate(text);
  expect(asked).toBe(1);
  time += 81_000;
  expect(await authenticate(text)).toEqual({ outcome: 'refused' });
});

test('API keys are known by their digests', async () => {
  const apiKeys = [
    { keyDigest: digestOfKey('one'), principalId: 'alice', role: 'user' as const },
    { keyDigest: digestOfKey('two'), principalId: 'olga', role: 'operator' as const },
  ];
  const authenticate = authenticator({ apiKeys }, { now: () => NOW });
  expect(await authenticate('two')).toEqual({
    outcome: 'authenticated',
    principal: { id: 'olga', role: 'operator' },
  });
  expect(await authenticate('three')).toEqual({ outcome: 'refused' });
  expect(await authenticate('')).toEqual({ outcome: 'refused' });
});
