import supertest from 'supertest';
import { apiUnderTest, bearer, keys, NOW, told } from '../../api-under-test';
import { asked, rightSchedule, schedulesInMemory } from '../../schedules-in-memory';

// what is asked of a schedule that is there, and by whom

const HOUR = 3_600_000;
let now = NOW;
const clock = { now: () => now };

const api = async () => {
  now = NOW;
  const { schedules, log } = schedulesInMemory(clock);
  const { app } = apiUnderTest({ schedules, clock });
  const as =
    (key: string) =>
    (
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      body?: object,
      headers: object = {},
    ) =>
      asked(supertest(app), method, path)
        .set({ authorization: bearer(key), ...headers })
        .send(body)
        .then(told);
  const hourly = { ...rightSchedule, timing: { cron: '0 * * * *' } };
  const { body } = await as(keys.alice)('post', '/v1/schedules', hourly);
  const { scheduleId } = body as { scheduleId: string };
  const of = `/v1/schedules/${scheduleId}`;
  return { as, alice: as(keys.alice), of, scheduleId, log };
};

const nextOf = (body: unknown) =>
  (body as { next: { occurrenceAt: string; dueAt: string; note?: string }[] }).next;

test('a paused schedule has nothing to come and says why; resumed, it goes on with what comes next', async () => {
  const { alice, of } = await api();
  const paused = await alice('post', `${of}/pause`, { note: 'the books are open' });
  expect(paused.body).toMatchObject({ status: 'paused', note: 'the books are open', next: [] });
  now += 3 * HOUR;
  const { body } = await alice('post', `${of}/resume`);
  expect(body).toMatchObject({ status: 'active' });
  expect(nextOf(body)[0]?.dueAt).toBe('2026-11-23T14:00:00.000Z');
});

test('one occurrence that is moved or cancelled is so in what comes next, and the others stay', async () => {
  const { alice, of } = await api();
  const moved = await alice('post', `${of}/occurrences/2026-11-23T12:00:00Z/move`, {
    dueAt: '2026-11-23T12:30:00Z',
  });
  await alice('post', `${of}/occurrences/2026-11-23T13:00:00.000Z/cancel`, {}).then((answer) =>
    expect(answer.status).toBe(200),
  );
  const { body } = await alice('get', of);
  expect(nextOf(moved.body)[1]).toMatchObject({
    occurrenceAt: '2026-11-23T12:00:00.000Z',
    dueAt: '2026-11-23T12:30:00.000Z',
    note: 'it was moved: its rule says 2026-11-23T13:00:00+01:00',
  });
  expect(nextOf(body).map(({ dueAt }) => dueAt.slice(11, 16))).toEqual([
    '11:00',
    '12:30',
    '14:00',
    '15:00',
    '16:00',
  ]);
});

test('an occurrence is found by the time at which its run is due too, where that is spread', async () => {
  const { alice } = await api();
  const spread = { ...rightSchedule, timing: { cron: '0 * * * *' }, spreadMs: 1_800_000 };
  const made = await alice('post', '/v1/schedules', spread);
  const { scheduleId, offsetMs } = made.body as { scheduleId: string; offsetMs: number };
  const [first, second] = nextOf(made.body);
  expect(Date.parse(first?.dueAt ?? '') - Date.parse(first?.occurrenceAt ?? '')).toBe(offsetMs);
  const path = `/v1/schedules/${scheduleId}/occurrences/${second?.dueAt}/cancel`;
  const { body } = await alice('post', path);
  expect(nextOf(body).map(({ occurrenceAt }) => occurrenceAt)).not.toContain(second?.occurrenceAt);
});

test('a run that is triggered has its job, and the same key gives the same job', async () => {
  const { alice, of } = await api();
  const trigger = () => alice('post', `${of}/trigger`, {}, { 'idempotency-key': 'once' });
  const first = await trigger();
  const again = await trigger();
  const { jobIds } = first.body as { jobIds: string[] };
  expect(jobIds).toHaveLength(1);
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(again.body).toMatchObject({ jobIds });
});

test('a backfill has a job for each occurrence of its window; a window that is none, too large or in the future is refused', async () => {
  const { alice, of } = await api();
  const backfill = (from: string, to: string) => alice('post', `${of}/backfill`, { from, to });
  const { body } = await backfill('2026-11-20T00:00:00Z', '2026-11-20T03:00:00Z');
  expect((body as { jobIds: string[] }).jobIds).toHaveLength(4);
  const cases = [
    ['2026-11-20T03:00:00Z', '2026-11-20T00:00:00Z', 'bad-window'],
    ['2001-01-01T00:00:00Z', '2026-11-20T00:00:00Z', 'bad-window'],
    ['2026-11-20T00:00:01Z', '2026-11-20T00:59:59Z', 'nothing-to-backfill'],
    ['2026-11-20T00:00:00Z', '2027-11-20T00:00:00Z', 'backfill-in-future'],
    ['2026-01-01T00:00:00Z', '2026-11-20T00:00:00Z', 'backfill-too-large'],
  ] as const;
  for (const [from, to, code] of cases) {
    const answer = await backfill(from, to);
    expect({ from, answer }).toMatchObject({
      answer: { status: 422, body: { type: `/problems/${code}` } },
    });
  }
  const tooLarge = await backfill('2026-01-01T00:00:00Z', '2026-11-20T00:00:00Z');
  expect(tooLarge.body).toMatchObject({ count: 7_753, max: 500 });
});

test.each([
  ['move', '2026-11-23T12:17:00Z', 404, 'occurrence-unknown'],
  ['cancel', '2026-11-23T09:00:00Z', 409, 'occurrence-passed'],
  ['cancel', 'tomorrow', 400, 'bad-timestamp'],
])('to %s what is no occurrence to come (%s) is %d %s', async (verb, when, status, code) => {
  const { alice, of } = await api();
  const answer = await alice('post', `${of}/occurrences/${when}/${verb}`, {
    ...(verb === 'move' && { dueAt: '2026-11-23T12:30:00Z' }),
  });
  expect(answer).toMatchObject({ status, body: { type: `/problems/${code}` } });
});

test('a deleted schedule is told as deleted, deleting it again changes nothing, and nothing else can be asked of it', async () => {
  const { alice, of } = await api();
  const first = await alice('delete', of);
  expect(first).toMatchObject({ status: 200, body: { status: 'deleted', next: [] } });
  expect((await alice('delete', of)).headers['etag']).toBe(first.headers['etag']);
  expect((await alice('get', of)).body).toMatchObject({ status: 'deleted' });
  expect((await alice('post', `${of}/pause`)).body).toMatchObject({
    type: '/problems/schedule-deleted',
  });
});

test('a foreign schedule answers exactly like an unknown one, whatever is asked of it', async () => {
  const { as, of, scheduleId } = await api();
  const unknown = scheduleId.replace(/^...../, '00000');
  const asks = [
    ['get', ''],
    ['put', ''],
    ['delete', ''],
    ['get', '/occurrences'],
    ['get', `/occurrences?asOf=${new Date(NOW).toISOString()}`],
    ['get', '/events'],
    ['get', '/story'],
    ...['pause', 'resume', 'trigger'].map((verb) => ['post', `/${verb}`] as const),
    ['post', '/occurrences/2026-11-23T12:00:00Z/cancel'],
  ] as const;
  for (const [method, path] of asks) {
    const body = method === 'put' ? rightSchedule : undefined;
    const foreign = await as(keys.bob)(method, `${of}${path}`, body);
    const none = await as(keys.bob)(method, `/v1/schedules/${unknown}${path}`, body);
    expect({ method, path, status: foreign.status }).toEqual({ method, path, status: 404 });
    const { requestId: _a, instance: _b, ...told } = foreign.body as Record<string, unknown>;
    expect(none.body).toMatchObject(told);
  }
  expect((await as(keys.operator)('get', of)).status).toBe(200);
  expect((await as(keys.executor)('get', of)).status).toBe(403);
});

test('its history is told from the log, the newest page first, and its story in sentences', async () => {
  const { alice, of } = await api();
  await alice('post', `${of}/pause`, { note: 'a holiday' });
  await alice('post', `${of}/resume`);
  const first = await alice('get', `${of}/events?limit=2`);
  const { events, nextCursor } = first.body as { events: { type: string }[]; nextCursor: string };
  expect(events.map(({ type }) => type)).toEqual(['SchedulePaused', 'ScheduleResumed']);
  const older = await alice('get', `${of}/events?limit=2&cursor=${nextCursor}`);
  expect(older.body).toMatchObject({ events: [{ type: 'ScheduleCreated', revision: 0 }] });
  expect(older.body).not.toHaveProperty('nextCursor');
  const { body } = await alice('get', `${of}/story`);
  expect((body as { text: string }).text).toContain('User alice paused it, because "a holiday".');
  expect((await alice('get', `${of}/events?cursor=x`)).body).toMatchObject({
    type: '/problems/bad-cursor',
  });
});

test('a schedule whose stream nobody can read is told to its owner as that, to all others as none', async () => {
  const { as, of, scheduleId, log } = await api();
  const [created] = await log.read(`schedule-${scheduleId}`);
  if (!created) throw new Error('it was not created');
  const metadata = created.metadata as Parameters<typeof log.append>[1][0]['metadata'];
  const broken = { id: crypto.randomUUID(), type: 'SchedulePaused', data: { note: 7 }, metadata };
  await log.append(`schedule-${scheduleId}`, [broken], 0n);
  for (const path of ['', '/events', '/story'])
    expect((await as(keys.alice)('get', `${of}${path}`)).body).toMatchObject({
      type: '/problems/schedule-unreadable',
    });
  expect((await as(keys.bob)('get', of)).status).toBe(404);
});

test('as of a past moment a schedule is what it was then, with what came next by its rule of then, and before it there was none', async () => {
  const { alice, as, of } = await api();
  const created = new Date(NOW).toISOString();
  now += HOUR;
  await alice('post', `${of}/pause`, { note: 'books' });
  const ask = (asOf: string, key: string = keys.alice) => as(key)('get', `${of}?asOf=${asOf}`);
  const then = await ask(created);
  expect(then.body).toMatchObject({ status: 'active', revision: 0 });
  expect(nextOf(then.body)[0]?.occurrenceAt).toBe('2026-11-23T11:00:00.000Z');
  expect((await ask(new Date(now).toISOString())).body).toMatchObject({
    status: 'paused',
    next: [],
  });
  for (const nobody of [
    await ask(new Date(NOW - 1).toISOString()),
    await ask(created, keys.bob),
    await ask('0', keys.bob),
  ])
    expect(nobody.status).toBe(404);
});
