import supertest from 'supertest';
import { apiUnderTest, bearer, keys, NOW, told, type Fakes } from '../../api-under-test';
import { asked, rightSchedule, schedulesInMemory } from '../../schedules-in-memory';

// what a schedule must be: made, read, replaced and previewed over HTTP

const clock = { now: () => NOW };
const { job } = rightSchedule;
const limits = {
  requests: { kind: 'unlimited' },
  pendingJobs: { kind: 'unlimited' },
  schedulesPerOwner: { kind: 'unlimited' },
  openOperations: { kind: 'unlimited' },
  webhooksPerOwner: { kind: 'unlimited' },
  liveStreams: 3,
  allowPrivateTargets: false,
  locationSchemes: ['https', 'http'],
} as const;

const apiWith = (fakes: Fakes = {}, given = {}) => {
  const { schedules, log } = schedulesInMemory(fakes.clock ?? clock, given);
  const { app } = apiUnderTest({ schedules, clock, ...fakes });
  const ask =
    (method: 'post' | 'put' | 'get') =>
    (path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}) =>
      asked(supertest(app), method, path)
        .set({ authorization: bearer(keys.alice), ...headers })
        .send(method === 'get' ? undefined : body)
        .then(told);
  return { post: ask('post'), put: ask('put'), get: ask('get'), log };
};

type Made = { readonly scheduleId: string; readonly revision: number };
const madeOf = ({ body }: { readonly body: unknown }): Made => body as Made;

test('a schedule is made with every default filled in, says where it is, and when it runs next by the clocks of its zone', async () => {
  const { post, get } = apiWith();
  const answer = await post('/v1/schedules', rightSchedule);
  const { scheduleId } = madeOf(answer);
  expect(answer).toMatchObject({
    status: 201,
    headers: { location: `/v1/schedules/${scheduleId}`, etag: '"0"' },
    body: {
      ...rightSchedule,
      ownerId: 'alice',
      status: 'active',
      spreadMs: 0,
      whenMissed: { policy: 'fire-once' },
      whenStillRunning: 'allow',
      job: { queue: 'default', timeoutMs: 60_000, cutoffMs: 0, tags: [] },
      revision: 0,
    },
  });
  const { next } = answer.body as { next: { dueAt: string; localTime: string }[] };
  expect(next).toHaveLength(5);
  expect(next[0]).toEqual({
    occurrenceAt: '2026-11-24T08:00:00.000Z',
    dueAt: '2026-11-24T08:00:00.000Z',
    localTime: '2026-11-24T09:00:00+01:00',
  });
  expect((await get(`/v1/schedules/${scheduleId}`)).body).toMatchObject({ scheduleId, next });
});

test.each<[code: string, pointer: string, wrong: object, reason?: string]>([
  ['timing-invalid', '/timing/cron', { timing: { cron: '0 22-2 * * *' } }, 'runs backwards'],
  ['timing-invalid', '/timeZone', { timeZone: 'Mars/Base' }, 'there is no time zone'],
  ['timing-invalid', '/exclude/0', { exclude: ['25.12.2026'] }, 'not a day'],
  ['timing-invalid', '/timing', { timing: {} }, 'not exactly one'],
  ['timing-invalid', '/timing', { timing: { cron: '@daily', every: 'R/2026-01-01T00:00:00/P1D' } }],
  ['timing-never-fires', '/timing/cron', { timing: { cron: '0 0 30 2 *' } }, 'would never run'],
  ['timing-never-fires', '/timing/cron', { endAt: '2026-11-23T10:00:01Z' }, 'within endAt'],
  ['invalid-body', '/whenMissed/limit', { whenMissed: { policy: 'fire-all' } }],
  ['unknown-property', '/whenMissed/limit', { whenMissed: { policy: 'fire-once', limit: 2 } }],
  ['out-of-range', '/spreadMs', { spreadMs: 86_400_001 }],
  ['offset-required', '/startAt', { startAt: '2026-12-01T00:00:00' }],
  ['bad-location', '/job/location', { job: { location: 'ftp://example.com/' } }],
  ['forbidden-target', '/job/location', { job: { location: 'https://127.0.0.1/' } }],
  ['payload-too-large', '/job/payload', { job: { ...job, payload: 'x'.repeat(65_537) } }],
  ['unknown-property', '/job/dueAt', { job: { ...job, dueAt: '2027-01-01T00:00:00Z' } }],
  ['unknown-property', '/colour', { colour: 'red' }],
])('what is wrong is refused as %s at %s, and nothing is kept', async (...row) => {
  const [code, pointer, wrong, reason = ''] = row;
  const { post, log } = apiWith();
  const append = jest.spyOn(log, 'append');
  const { body } = await post('/v1/schedules', { ...rightSchedule, ...wrong });
  expect(body).toMatchObject({ type: `/problems/${code}` });
  const { errors } = body as { errors: { pointer: string; reason?: string }[] };
  expect(errors[0]?.pointer).toBe(pointer);
  expect(errors[0]?.reason ?? '').toContain(reason);
  expect(append).not.toHaveBeenCalled();
});

test('null is as good as nothing, and what says the same is the same: an equal definition writes nothing', async () => {
  const { post, put } = apiWith();
  const exclude = ['2026-12-25', '2026-12-26'];
  const { scheduleId } = madeOf(
    await post('/v1/schedules', { ...rightSchedule, exclude, startAt: '2026-12-01T00:00:00Z' }),
  );
  const again = await put(`/v1/schedules/${scheduleId}`, {
    ...rightSchedule,
    exclude: [...exclude].reverse(),
    startAt: '2026-12-01T01:00:00+01:00',
    endAt: null,
    maxCount: null,
  });
  expect(again).toMatchObject({ status: 200, headers: { etag: '"0"' } });
  const changed = await put(`/v1/schedules/${scheduleId}`, { ...rightSchedule, name: 'pay' });
  expect(changed).toMatchObject({ status: 200, headers: { etag: '"1"' }, body: { name: 'pay' } });
});

test('If-Match changes a schedule at this revision or not at all', async () => {
  const { post, put } = apiWith();
  const { scheduleId } = madeOf(await post('/v1/schedules', rightSchedule));
  const change = (name: string, revision: number) =>
    put(`/v1/schedules/${scheduleId}`, { ...rightSchedule, name }, { 'if-match': `"${revision}"` });
  expect((await change('a', 0)).status).toBe(200);
  expect(await change('b', 0)).toMatchObject({ status: 412, headers: { etag: '"1"' } });
});

test('the same key is the same schedule, also when its last occurrence has passed meanwhile', async () => {
  let now = NOW;
  const { post } = apiWith({ clock: { now: () => now } });
  const ending = { ...rightSchedule, endAt: '2026-11-24T08:00:00Z' };
  const create = () => post('/v1/schedules', ending, { 'idempotency-key': 'k' });
  const first = await create();
  now += 48 * 3_600_000;
  const again = await create();
  expect(again).toMatchObject({ status: 201, headers: { 'idempotent-replayed': 'true' } });
  expect(madeOf(again).scheduleId).toBe(madeOf(first).scheduleId);
  expect((await post('/v1/schedules', ending)).body).toMatchObject({
    type: '/problems/timing-never-fires',
  });
});

test('a rule that has come to its end is no reason to refuse what else changes', async () => {
  let now = NOW;
  const { post, put } = apiWith({ clock: { now: () => now } });
  const ending = { ...rightSchedule, endAt: '2026-11-24T08:00:00Z' };
  const { scheduleId } = madeOf(await post('/v1/schedules', ending));
  now += 48 * 3_600_000;
  expect((await put(`/v1/schedules/${scheduleId}`, { ...ending, name: 'old' })).status).toBe(200);
});

test('an owner has as many schedules as settings allow, and only queues that are his', async () => {
  const max = { ...limits, schedulesPerOwner: { kind: 'limited', max: 3 } } as const;
  const { post } = apiWith({ limits: max }, { countLiving: () => Promise.resolve(2) });
  expect((await post('/v1/schedules', rightSchedule)).status).toBe(201);
  expect((await post('/v1/schedules', rightSchedule)).body).toMatchObject({
    type: '/problems/schedule-quota-exceeded',
    status: 409,
  });
  const held = apiWith({ queuesOf: () => ['mail'] });
  expect((await held.post('/v1/schedules', rightSchedule)).body).toMatchObject({
    type: '/problems/queue-forbidden',
    errors: [{ pointer: '/job/queue' }],
  });
});

test("an operator who changes a schedule is held to its owner's queues, and leaves it his", async () => {
  const { schedules } = schedulesInMemory(clock);
  const queuesOf = (ownerId: string) => (ownerId === 'alice' ? ['default'] : ['mail']);
  const { app } = apiUnderTest({ schedules, clock, queuesOf });
  const as = (key: string) => ({ authorization: bearer(key) });
  const made = await supertest(app).post('/v1/schedules').set(as(keys.alice)).send(rightSchedule);
  const { scheduleId } = madeOf(made);
  const changed = await supertest(app)
    .put(`/v1/schedules/${scheduleId}`)
    .set(as(keys.operator))
    .send({ ...rightSchedule, name: 'pay' });
  expect(changed).toMatchObject({ status: 200, body: { ownerId: 'alice', name: 'pay' } });
});

test('a preview tells what a change of clocks does, what is left out, and how the text was read; nothing is kept', async () => {
  const { post } = apiWith();
  const answer = await post('/v1/schedules/preview', {
    timing: { cron: '30 2 * * *' },
    timeZone: 'Europe/Berlin',
    exclude: ['2026-03-28'],
    from: '2026-03-27T12:00:00Z',
    count: 1,
  });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      occurrences: [{ dueAt: '2026-03-29T01:30:00.000Z', localTime: '2026-03-29T03:30:00+02:00' }],
      skipped: [{ localTime: '2026-03-28T02:30:00+01:00', reason: 'the day is in `exclude`' }],
      tzdata: expect.stringMatching(/^20\d\d[a-z]$/) as unknown,
    },
  });
  expect(JSON.stringify(answer.body)).toContain('clocks leave out 02:30:00 here');
  const wrong = await post('/v1/schedules/preview', { timing: { cron: 'x' }, timeZone: 'UTC' });
  expect(wrong).toMatchObject({ status: 422, body: { type: '/problems/timing-invalid' } });
});

test('limits say what a schedule may hold, and by which release of the zone data it is computed', async () => {
  const { body } = await apiWith().get('/v1/limits');
  expect(body).toMatchObject({
    schedules: { cronLength: 1_000, upcoming: 5 },
    schedulesPerOwner: { kind: 'unlimited' },
    openOperations: { kind: 'unlimited' },
    webhooksPerOwner: { kind: 'unlimited' },
    tzdata: expect.stringMatching(/^20\d\d[a-z]$/) as unknown,
  });
});

test('who has had his share of the time for reading rules is told to wait, and nothing is read or kept', async () => {
  const { post } = apiWith({}, { share: () => undefined });
  for (const path of ['/v1/schedules', '/v1/schedules/preview']) {
    const { timing, timeZone } = rightSchedule;
    const answer = await post(
      path,
      path.endsWith('preview') ? { timing, timeZone } : rightSchedule,
    );
    expect(answer).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { type: '/problems/rate-limited' },
    });
  }
});
