import { fromTimestamp, toTimestamp } from '../../../domain/time';
import type { JobView } from '../../../domain/job/view';
import type { HttpAnswer, HttpUser } from '../../support/http';
import { until } from '../../support/until';
import { stack, userOf } from './stack';

// the user in a browser and the program of design.md, section 1, against the running product

let ada: HttpUser;
let bob: HttpUser;
let olga: HttpUser;

beforeAll(() => {
  [ada, bob, olga] = [userOf('ada'), userOf('bob'), userOf('olga')];
});

const HOUR_MS = 3_600_000;
const inMs = (ms: number): number => Date.now() + ms;
const jobBody = (more: object = {}) => ({
  name: 'a job',
  dueAt: toTimestamp(inMs(HOUR_MS)),
  location: 'print:',
  ...more,
});
const scheduled = async (user: HttpUser, more: object = {}): Promise<HttpAnswer> => {
  const answer = await user.post('/v1/jobs', jobBody(more));
  expect(answer.status).toBe(201);
  return answer;
};
const idOf = ({ body }: HttpAnswer): string => body.jobId ?? '';
const furthest = (positions: readonly string[]): string =>
  String(positions.map(BigInt).reduce((one, other) => (one > other ? one : other), 0n));

/** All pages of a list, from the first to the one without a cursor. */
const pages = async (user: HttpUser, query: string): Promise<readonly (readonly JobView[])[]> => {
  const all: (readonly JobView[])[] = [];
  for (let cursor: string | undefined; ;) {
    const next = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await user.get(`/v1/jobs?${query}${next}`);
    expect(status).toBe(200);
    all.push(body.items ?? []);
    cursor = body.nextCursor;
    if (cursor === undefined) return all;
  }
};

describe('scheduling', () => {
  test('answers 201 with Location, ETag and the job; with its position the next query sees it', async () => {
    const asked = jobBody({ name: 'pay invoice 7', tags: ['green'], payload: { invoice: 7 } });
    const { status, headers, body } = await ada.post('/v1/jobs', asked);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/jobs/${body.jobId}`);
    expect(headers.get('etag')).toBe('"0"');
    expect(body).toMatchObject({
      ...asked,
      ownerId: 'ada',
      status: 'scheduled',
      queue: 'default',
      attempt: 1,
      revision: 0,
      startedAt: null,
    });

    const after = `?after=${body.position}`;
    const one = await ada.get(`${headers.get('location')}${after}`);
    const { position: _, ...job } = body;
    expect([one.status, one.headers.get('etag'), one.body]).toEqual([200, '"0"', job]);
    const list = await ada.get(`/v1/jobs${after}&q=invoice%207`);
    expect(list.body.items?.map(({ jobId }) => jobId)).toEqual([body.jobId]);
  });

  test('a position beyond the end of the log is answered after a wait: it was handed out before an older copy was restored', async () => {
    const { body } = await scheduled(ada);
    await ada.get(`/v1/jobs?after=${body.position}&limit=1`);
    const beyond = BigInt(body.position ?? 0) + 1_000_000_000n;
    const answer = await ada.get(`/v1/jobs?after=${beyond}`);
    expect(answer.status).toBe(200);
    expect(answer.body.items?.map(({ jobId }) => jobId)).toContain(body.jobId);
  });

  test('1,000 at once: each is answered for itself and in order, and all that were accepted are listed', async () => {
    const isBad = (index: number): boolean => index % 100 === 50;
    const jobs = Array.from({ length: 1_000 }, (_, index) => ({
      ...jobBody({ name: `batch ${index}`, tags: ['thousand'] }),
      dueAt: toTimestamp(inMs(HOUR_MS + index * 1_000)), // so many in one minute are warned of
      ...(isBad(index) && { dueAt: toTimestamp(inMs(-60_000)) }),
    }));
    const { status, body } = await ada.post('/v1/jobs/batch', { jobs });
    expect(status).toBe(200);
    const results = body.results ?? [];
    expect(results.map(({ status: one }) => one)).toEqual(
      jobs.map((_, index) => (isBad(index) ? 422 : 201)),
    );
    expect(results.filter((_, index) => isBad(index)).map(({ problem }) => problem?.type)).toEqual(
      Array(10).fill('/problems/due-in-past'),
    );
    const good = results.flatMap(({ job }) => job ?? []);
    expect(good.map(({ name }) => name)).toEqual(
      jobs.filter((_, index) => !isBad(index)).map(({ name }) => name),
    );

    const after = furthest(good.map(({ position }) => position));
    const listed = (await pages(ada, `after=${after}&tag=thousand&limit=200`)).flat();
    expect(listed.map(({ jobId }) => jobId).sort()).toEqual(good.map(({ jobId }) => jobId).sort());
  });
});

describe('a list', () => {
  const COUNT = 60;
  const [first, step] = [inMs(2 * HOUR_MS), 1_000];
  const times = (from: number, to: number): string =>
    `tag=listed&q=100%25&from=${toTimestamp(first + from * step)}&to=${toTimestamp(first + to * step)}`;

  beforeAll(async () => {
    // three at each due time: pages must not break on equal ones
    const jobs = Array.from({ length: COUNT }, (_, index) =>
      jobBody({
        name: `list ${index} 100%`,
        dueAt: toTimestamp(first + Math.floor(index / 3) * step),
        queue: index % 2 === 0 ? 'even' : 'odd',
        tags: ['listed', `third-${index % 3}`],
      }),
    );
    const { body } = await ada.post('/v1/jobs/batch', { jobs });
    const after = furthest((body.results ?? []).map(({ job }) => job?.position ?? '0'));
    await ada.get(`/v1/jobs?after=${after}&limit=1`);
  });

  test('comes in pages without gap or repeat, the latest due time first, while jobs are added in between', async () => {
    const seen: JobView[] = [];
    let cursor = '';
    do {
      const { body } = await ada.get(`/v1/jobs?tag=listed&limit=7${cursor}`);
      expect(body.items?.length).toBeLessThanOrEqual(7);
      seen.push(...(body.items ?? []));
      const later = { dueAt: toTimestamp(first + HOUR_MS), name: 'list late', tags: ['listed'] };
      const { body: added } = await scheduled(ada, later);
      await ada.get(`/v1/jobs?after=${added.position}&limit=1`);
      cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toHaveLength(COUNT);
    expect(new Set(seen.map(({ jobId }) => jobId)).size).toBe(COUNT);
    const order = seen.map(({ dueAt, jobId }) => `${dueAt} ${jobId}`);
    expect(order).toEqual([...order].sort().reverse());
  });

  test.each([
    ['a tag', 'tag=third-1', 20],
    ['a queue and a tag', 'queue=odd&tag=listed', 30],
    ['a status that all have', 'status=scheduled&tag=third-0', 20],
    ['statuses that none has', 'status=queued,running&tag=third-0', 0],
    ['a part of the name, read literally', 'q=LIST%201%20100%25', 1],
    ['a wildcard, read literally', 'q=list%20_', 0],
    ['times: from counts, to does not', times(0, 2), 6],
    ['times to far beyond the last one', times(19, 600), 3],
  ])('filtered by %s', async (_what, query, count) => {
    expect((await pages(ada, `${query}&limit=11`)).flat()).toHaveLength(count);
  });

  test('a cursor serves only the list it came from, and only its owner', async () => {
    const { body } = await ada.get('/v1/jobs?tag=listed&limit=7');
    const cursor = body.nextCursor ?? '';
    for (const answer of [
      await ada.get(`/v1/jobs?tag=third-1&limit=7&cursor=${cursor}`),
      await bob.get(`/v1/jobs?tag=listed&limit=7&cursor=${cursor}`),
      await ada.get(`/v1/jobs?tag=listed&cursor=${cursor.replace(/^./, '!')}`),
    ])
      expect([answer.status, answer.body.type]).toEqual([400, '/problems/bad-cursor']);
  });
});

describe('who sees what', () => {
  test('a foreign job answers exactly like an unknown one, on every route, and stays as it is', async () => {
    const jobId = idOf(await scheduled(ada));
    const unknown = '00000000-0000-7000-8000-000000000001';
    const routes: readonly ((id: string) => Promise<HttpAnswer>)[] = [
      (id) => bob.get(`/v1/jobs/${id}`),
      (id) => bob.get(`/v1/jobs/${id}/events`),
      (id) => bob.post(`/v1/jobs/${id}/reschedule`, { dueAt: toTimestamp(inMs(HOUR_MS)) }),
      (id) => bob.post(`/v1/jobs/${id}/cancel`, {}, { 'if-match': '"7"' }),
      ...['cancel', 'run-now', 'abort', 'redrive'].map(
        (command) => (id: string) => bob.post(`/v1/jobs/${id}/${command}`),
      ),
    ];
    for (const ask of routes) {
      const [foreign, none] = [await ask(jobId), await ask(unknown)];
      const shape = ({ status, headers, body }: HttpAnswer, id: string) => ({
        status,
        headers: [...headers.keys()].sort(),
        body: { ...body, requestId: '', instance: body.instance?.replace(id, 'ID') },
      });
      expect(foreign.status).toBe(404);
      expect(shape(foreign, jobId)).toEqual(shape(none, unknown));
    }
    expect(await ada.eventTypes(jobId)).toEqual(['JobScheduled']);
  });

  test('users list their own, an operator everybody, or one owner on request', async () => {
    const answers = [
      await scheduled(ada, { tags: ['owners'] }),
      await scheduled(bob, { tags: ['owners'] }),
    ];
    const after = furthest(answers.map(({ body }) => body.position ?? '0'));
    const owners = async (user: HttpUser, more = '') =>
      (await pages(user, `after=${after}&tag=owners${more}`))
        .flat()
        .map(({ ownerId }) => ownerId)
        .sort();
    expect(await owners(ada)).toEqual(['ada']);
    expect(await owners(bob)).toEqual(['bob']);
    expect(await owners(olga)).toEqual(['ada', 'bob']);
    expect(await owners(olga, '&ownerId=bob')).toEqual(['bob']);
    expect((await ada.get('/v1/jobs?ownerId=bob')).status).toBe(403);
  });

  test('an operator may cancel a job of a user, and the history says who it was', async () => {
    const jobId = idOf(await scheduled(ada));
    expect((await olga.post(`/v1/jobs/${jobId}/cancel`)).status).toBe(200);
    const { body } = await ada.get(`/v1/jobs/${jobId}/events`);
    expect(body.events?.map(({ type, actor }) => [type, actor])).toEqual([
      ['JobScheduled', { kind: 'user', id: 'ada' }],
      ['JobCancelled', { kind: 'operator', id: 'olga' }],
    ]);
  });
});

describe('history', () => {
  test('tells every event of a whole life in order, with revisions, positions and who it was', async () => {
    const answer = await scheduled(ada, { dueAt: toTimestamp(inMs(0)) });
    const job = await ada.untilStatus(idOf(answer), 'succeeded');
    const { body } = await ada.get(`/v1/jobs/${job.jobId}/events`);
    const events = body.events ?? [];
    expect(events.map(({ type, actor, revision }) => [type, actor.kind, revision])).toEqual([
      ['JobScheduled', 'user', 0],
      ['JobDispatched', 'system', 1],
      ['JobStarted', 'executor', 2],
      ['JobSucceeded', 'executor', 3],
    ]);
    const positions = events.map(({ position }) => BigInt(position));
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    expect(job).toMatchObject({ attempt: 1, revision: 3 });
    expect(fromTimestamp(job.startedAt ?? '')).toBeGreaterThanOrEqual(fromTimestamp(job.dueAt));
    await until(() => stack().output().includes(`ada ${job.jobId}\n`), { what: 'it is printed' });
  });
});

describe('an idempotency key', () => {
  const keyed = (key: string) => ({ 'idempotency-key': key });

  test('repeats the first answer, also after the job has moved on', async () => {
    const body = jobBody();
    const first = await ada.post('/v1/jobs', body, keyed('once'));
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    await ada.post(`/v1/jobs/${first.body.jobId}/cancel`);
    const again = await ada.post('/v1/jobs', body, keyed('once'));
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    for (const name of ['location', 'etag'])
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  test('belongs to one request and one owner', async () => {
    const body = jobBody();
    const mine = await ada.post('/v1/jobs', body, keyed('shared'));
    const other = await ada.post('/v1/jobs', { ...body, name: 'another' }, keyed('shared'));
    expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency-key-reused']);
    const his = await bob.post('/v1/jobs', body, keyed('shared'));
    expect([his.status, his.body.ownerId]).toEqual([201, 'bob']);
    expect(his.body.jobId).not.toBe(mine.body.jobId);
  });

  test('sent 20 times at once makes one job and 20 equal answers', async () => {
    const body = jobBody();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ada.post('/v1/jobs', body, keyed('at-once'))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    const replays = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replays).toHaveLength(19);
    expect(await ada.eventTypes(answers[0]?.body.jobId ?? '')).toEqual(['JobScheduled']);
  });

  test('makes a reschedule repeatable: the second one changes nothing', async () => {
    const jobId = idOf(await scheduled(ada));
    const body = { dueAt: toTimestamp(inMs(2 * HOUR_MS)) };
    const path = `/v1/jobs/${jobId}/reschedule`;
    const first = await ada.post(path, body, keyed('move'));
    const between = await ada.post(path, { dueAt: toTimestamp(inMs(3 * HOUR_MS)) });
    const again = await ada.post(path, body, keyed('move'));
    expect([first.status, between.status, again.status]).toEqual([200, 200, 200]);
    expect(again.body).toEqual(first.body);
    expect(await ada.eventTypes(jobId)).toHaveLength(3);
  });
});

describe('If-Match', () => {
  test('lets one of two editors win; the other is told the revision that beat him', async () => {
    const answer = await scheduled(ada);
    const etag = answer.headers.get('etag') ?? '';
    const move = (hours: number) =>
      ada.post(
        `/v1/jobs/${idOf(answer)}/reschedule`,
        { dueAt: toTimestamp(inMs(hours * HOUR_MS)) },
        { 'if-match': etag },
      );
    const [won, lost] = [await move(2), await move(3)];
    expect([won.status, won.headers.get('etag')]).toEqual([200, '"1"']);
    expect([lost.status, lost.body.type]).toEqual([412, '/problems/revision-mismatch']);
    expect(lost.headers.get('etag')).toBe('"1"');
    expect(await ada.eventTypes(idOf(answer))).toEqual(['JobScheduled', 'JobRescheduled']);
  });
});
