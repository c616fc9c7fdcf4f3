import supertest from 'supertest';
import { digestOfKey, type ApiKey } from '../../../../api/access/authenticator';
import { sessions } from '../../../../api/access/sessions';
import { hmacSigner } from '../../../../infra/signer';
import { apiUnderTest, bearer, keys, NOW, told } from '../api-under-test';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const keyOf = (key: string, principalId = 'alice'): ApiKey => ({
  keyDigest: digestOfKey(key),
  principalId,
  role: 'user',
});

const sessionsOf = (apiKeys: readonly ApiKey[], at = NOW, secret = 'sixteen bytes are enough') =>
  sessions({ signer: hmacSigner(secret), clock: { now: () => at }, apiKeys });

const alice = { id: 'alice', role: 'user' } as const;

describe('a session', () => {
  const apiKeys = [keyOf('the first key of alice')];
  const { token } = sessionsOf(apiKeys).begin(alice);

  test('stands for its principal at every instance that signs alike', () => {
    expect(sessionsOf(apiKeys).find(token)).toMatchObject({
      outcome: 'authenticated',
      principal: alice,
    });
    expect(sessionsOf(apiKeys, NOW, 'another secret of enough bytes').find(token)).toEqual({
      outcome: 'refused',
    });
  });

  test('ends after twelve hours, and when the key is taken away or replaced: nothing else could end it', () => {
    expect(sessionsOf(apiKeys, NOW + 12 * HOUR_MS - 1).find(token)?.outcome).toBe('authenticated');
    for (const ended of [
      sessionsOf(apiKeys, NOW + 12 * HOUR_MS),
      sessionsOf([]),
      sessionsOf([keyOf('the second key of alice')]),
    ])
      expect(ended.find(token)).toEqual({ outcome: 'refused' });
  });

  test('does not outlive what it was given for, so that nobody renews a token by itself', () => {
    const short = { ...alice, expiresAt: NOW + MINUTE_MS };
    expect(sessionsOf(apiKeys).begin(short).expiresAt).toBe(NOW + MINUTE_MS);
  });

  test('cannot be made up: another text with the same signature is refused', () => {
    const [, signature = ''] = token.split('.');
    const claims = JSON.stringify(['olga', 'operator', NOW + HOUR_MS, '']);
    const forged = `ps_${Buffer.from(claims).toString('base64url')}.${signature}`;
    expect(sessionsOf(apiKeys).find(forged)).toEqual({ outcome: 'refused' });
    expect(sessionsOf(apiKeys).find('ps_')).toEqual({ outcome: 'refused' });
    expect(sessionsOf(apiKeys).find('a-key-of-another-kind')).toBeUndefined();
  });
});

describe('signing in', () => {
  let now = NOW;
  const { app } = apiUnderTest({ clock: { now: () => now } });
  const codeOf = async (key: string): Promise<string> => {
    const answer = await supertest(app).post('/v1/sign-in-codes').set('authorization', bearer(key));
    return (told(answer).body as { code: string }).code;
  };
  const begin = (token: string) =>
    supertest(app).post('/v1/sessions').set('authorization', bearer(token));

  beforeEach(() => {
    now = NOW;
  });

  test('a code is good once, and for nothing else than a session', async () => {
    const code = await codeOf(keys.alice);
    await supertest(app).get('/v1/jobs').set('authorization', bearer(code)).expect(401);
    const { body } = told(await begin(code).expect(201));
    expect(body).toMatchObject({ principalId: 'alice', role: 'user' });
    await begin(code).expect(401);
    const { token } = body as { token: string };
    await supertest(app).get('/v1/jobs').set('authorization', bearer(token)).expect(200);
    await supertest(app).get('/v1/shares').set('authorization', bearer(token)).expect(403);
  });

  test('a code waits for a minute: later it is what somebody found in a log', async () => {
    const [early, late] = [await codeOf(keys.alice), await codeOf(keys.alice)];
    now = NOW + MINUTE_MS - 1;
    await begin(early).expect(201);
    now = NOW + MINUTE_MS;
    await begin(late).expect(401);
  });

  test('a session is no way to a longer one', async () => {
    const first = told(await begin(keys.alice).expect(201)).body as Record<string, string>;
    now = NOW + HOUR_MS;
    const second = told(await begin(first['token'] ?? '').expect(201)).body;
    expect(second).toMatchObject({ expiresAt: first['expiresAt'] });
  });

  test('an executor has nothing to look at', async () => {
    await begin(keys.executor).expect(403);
    await begin('nobody').expect(401);
  });
});
