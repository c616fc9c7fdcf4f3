import supertest from 'supertest';
import type { Webhooks } from '../../../../../api/routes/webhooks/deps';
import { toTimestamp } from '../../../../../domain/time';
import { apiUnderTest, bearer, keys, told } from '../../api-under-test';
import { webhooksInMemory } from '../../webhooks-in-memory';

// webhooks as they stood, to those who may see them now

const START = Date.parse('2026-11-23T10:00:00.000Z');
const MINUTE = 60_000;
const at = (ms: number): string => `asOf=${toTimestamp(START + ms)}`;

/** One of alice's that was registered at ten and changed a minute later. */
const under = async (given: Partial<Webhooks> = {}) => {
  let now = START;
  const clock = { now: () => now };
  const webhooks = { ...webhooksInMemory(clock), ...given };
  const { app } = apiUnderTest({ clock, webhooks });
  const asked = { url: 'https://example.com/hooks', eventTypes: ['job.failed'] };
  const registered = await supertest(app)
    .post('/v1/webhooks')
    .set('authorization', bearer(keys.alice))
    .send(asked);
  const { webhookId } = registered.body as { webhookId: string };
  now += MINUTE;
  await supertest(app)
    .put(`/v1/webhooks/${webhookId}`)
    .set('authorization', bearer(keys.alice))
    .send({ ...asked, url: 'https://example.org/hooks' })
    .expect(200);
  now += MINUTE;
  return {
    webhookId,
    path: `/v1/webhooks/${webhookId}`,
    get: async (path: string, key: string = keys.alice) =>
      told(await supertest(app).get(path).set('authorization', bearer(key))),
  };
};

test('one is told as it stood, without an ETag, without a secret, and without what its deliveries are now', async () => {
  const { path, get } = await under();
  const then = await get(`${path}?${at(0)}`);
  expect(then).toMatchObject({
    status: 200,
    body: { url: 'https://example.com/hooks', status: 'active', revision: 0 },
  });
  expect(then.headers).not.toHaveProperty('etag');
  for (const ofNow of ['secret', 'waiting', 'failingSince'])
    expect(then.body).not.toHaveProperty(ofNow);
  expect(await get(`${path}?${at(MINUTE)}`)).toMatchObject({
    body: { url: 'https://example.org/hooks' },
  });
});

test('what had not been registered, and what is another’s, is none', async () => {
  const { path, get } = await under();
  const unknown = { status: 404, body: { type: '/problems/webhook-not-found' } };
  expect(await get(`${path}?${at(-1)}`)).toMatchObject(unknown);
  expect(await get(`${path}?${at(0)}`, keys.bob)).toMatchObject(unknown);
  expect((await get(`${path}?${at(0)}`, keys.operator)).status).toBe(200);
});

test('a list has the owner and the pages of the one that is live', async () => {
  const requests: object[] = [];
  const { webhookId } = await under();
  const { get } = await under({
    pastList: ({ signal: _signal, ...request }) => {
      requests.push(request);
      return Promise.resolve({ items: [], next: { createdAt: START, webhookId } });
    },
  });
  const first = await get(`/v1/webhooks?${at(0)}&limit=7`);
  const { nextCursor } = first.body as { nextCursor: string };
  await get(`/v1/webhooks?${at(0)}&limit=7&cursor=${nextCursor}`);
  const request = {
    ...{ asOf: { kind: 'time', at: START }, actor: { kind: 'user', id: 'alice' } },
    ...{ ownerId: 'alice', limit: 7 },
  };
  expect(requests).toEqual([request, { ...request, after: { createdAt: START, webhookId } }]);
  expect((await get(`/v1/webhooks?${at(0)}&ownerId=bob`)).status).toBe(403);
  expect((await get(`/v1/webhooks?cursor=${nextCursor}`)).status).toBe(400);
});
