import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { StatusChange } from '../../../../domain/job/status-change';
import {
  apiUnderTest,
  bearer,
  fakeFeed,
  keys,
  listening,
  NOW,
  type Fakes,
} from '../api-under-test';

type Event = {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: string;
};

type Watcher = {
  readonly response: IncomingMessage;
  readonly events: readonly Event[];
  readonly comments: () => readonly string[];
  /** Resolves when `isThere` holds of what has come so far. */
  readonly until: (isThere: (events: readonly Event[]) => boolean) => Promise<void>;
  readonly ended: Promise<void>;
  readonly close: () => void;
};

const eventOf = (block: string): Event =>
  Object.fromEntries(
    block
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );

const watching = (response: IncomingMessage, sent: ClientRequest): Watcher => {
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  let all = '';
  response.on('data', (chunk: Buffer) => {
    all += chunk.toString();
    const blocks = (text + chunk.toString()).split('\n\n');
    text = blocks.pop() ?? '';
    events.push(...blocks.map(eventOf));
    waiting.forEach((look) => look());
  });
  response.on('error', () => undefined); // cut off: `ended` tells
  return {
    response,
    events,
    comments: () => all.split('\n').filter((line) => line.startsWith(':')),
    until: (isThere) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isThere(events)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    ended: new Promise((resolve) => response.once('close', resolve)),
    close: () => sent.destroy(),
  };
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const serving = async (fakes: Fakes) => {
  const api = apiUnderTest(fakes);
  const { port, close } = await listening(api);
  closers.push(close);
  const watch = (key: string, lastEventId?: string, query = ''): Promise<Watcher> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: bearer(key),
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      };
      const sent = request({
        port,
        host: '127.0.0.1',
        path: `/v1/live${query}`,
        headers,
        agent: false,
      });
      sent.on('response', (response) => resolve(watching(response, sent)));
      sent.on('error', reject);
      sent.end();
    });
  return { api, watch };
};

const ids = (events: readonly Event[]): readonly (string | undefined)[] =>
  events.filter(({ event }) => event === 'status').map(({ id }) => id);

const servingFeed = async (fake: ReturnType<typeof fakeFeed>, more: Fakes = {}) =>
  await serving({ statusFeed: fake.feed, statusChanged$: fake.changed$, ...more });

test('a new connection begins now: it hears own changes as they come, with a position as text', async () => {
  const fake = fakeFeed();
  fake.tell(1n, 'alice');
  const { watch } = await servingFeed(fake);
  const alice = await watch(keys.alice);
  expect(alice.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
    'cache-control': 'no-store',
  });
  await alice.until(([first]) => first?.retry === '2000' && first.id === '1');
  fake.tell(2n ** 60n, 'alice');
  await alice.until((events) => ids(events).length === 1);
  const last = alice.events.at(-1);
  expect(last).toMatchObject({ event: 'status', id: '1152921504606846976' });
  expect(JSON.parse(last?.data ?? '')).toMatchObject({
    position: '1152921504606846976',
    ownerId: 'alice',
    status: 'queued',
  });
});

test('everybody hears own changes only, an operator hears all', async () => {
  const fake = fakeFeed();
  const { watch } = await servingFeed(fake);
  const alice = await watch(keys.alice);
  const bob = await watch(keys.bob);
  const operator = await watch(keys.operator);
  await Promise.all([alice, bob, operator].map(({ until }) => until(({ length }) => length > 0)));
  fake.tell(1n, 'alice');
  fake.tell(2n, 'bob');
  fake.tell(3n, 'alice');
  await operator.until((events) => ids(events).length === 3);
  await alice.until((events) => ids(events).length === 2);
  await bob.until((events) => ids(events).length === 1);
  expect(ids(alice.events)).toEqual(['1', '3']);
  expect(ids(bob.events)).toEqual(['2']);
  expect(ids(operator.events)).toEqual(['1', '2', '3']);
});

test('Last-Event-ID goes on where it was, without gap or repeat, over more than one page', async () => {
  const fake = fakeFeed(0n);
  for (let position = 1n; position <= 1_200n; position += 1n) fake.tell(position, 'alice');
  const { watch } = await servingFeed(fake);
  const alice = await watch(keys.alice, '100');
  fake.tell(1_201n, 'alice');
  await alice.until((events) => ids(events).includes('1201'));
  fake.tell(1_202n, 'alice');
  await alice.until((events) => ids(events).includes('1202'));
  expect(ids(alice.events)).toEqual(Array.from({ length: 1_102 }, (_, i) => String(101 + i)));
});

test('what changes while a connection catches up is neither lost nor told twice', async () => {
  const fake = fakeFeed(0n);
  fake.tell(1n, 'alice');
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const feed = {
    ...fake.feed,
    after: async (position: bigint, ownerId: string | undefined, limit: number) => {
      if (ownerId !== undefined) await gate; // catching up asks for one owner, the tail for all
      return await fake.feed.after(position, ownerId, limit);
    },
  };
  const { watch } = await serving({ statusFeed: feed, statusChanged$: fake.changed$ });
  const operator = await watch(keys.operator);
  const alice = await watch(keys.alice, '0');
  fake.tell(2n, 'alice');
  await operator.until((events) => ids(events).includes('2')); // so the tail has told it
  open();
  await alice.until((events) => ids(events).includes('2'));
  fake.tell(3n, 'alice');
  await alice.until((events) => ids(events).includes('3'));
  expect(ids(alice.events)).toEqual(['1', '2', '3']);
});

test.each([
  ['is older than what is kept', '5'],
  ['is ahead of the log, which was replaced', '999'],
])('an id that %s resets: what was missed cannot be told', async (_why, lastEventId) => {
  const fake = fakeFeed(10n);
  fake.tell(20n, 'alice');
  const { watch } = await servingFeed(fake);
  const alice = await watch(keys.alice, lastEventId);
  await alice.until(({ length }) => length === 1);
  expect(alice.events[0]).toMatchObject({ event: 'reset', id: '20' });
  fake.tell(21n, 'alice');
  await alice.until((events) => ids(events).length === 1);
  expect(ids(alice.events)).toEqual(['21']);
});

test('many connections cost one query a change, not one each', async () => {
  const fake = fakeFeed();
  const { watch } = await servingFeed(fake, {
    limits: {
      requests: { kind: 'unlimited' },
      pendingJobs: { kind: 'unlimited' },
      schedulesPerOwner: { kind: 'unlimited' },
      openOperations: { kind: 'unlimited' },
      webhooksPerOwner: { kind: 'unlimited' },
      liveStreams: 50,
      allowPrivateTargets: false,
      locationSchemes: [],
    },
  });
  const watchers = await Promise.all(Array.from({ length: 30 }, () => watch(keys.alice)));
  await Promise.all(watchers.map(({ until }) => until(({ length }) => length > 0)));
  const before = fake.queries();
  fake.tell(1n, 'alice');
  await Promise.all(watchers.map(({ until }) => until((events) => ids(events).length === 1)));
  expect(fake.queries() - before).toBeLessThan(10);
});

test('a principal has so many connections and no more; a closed one makes room', async () => {
  const fake = fakeFeed();
  const { watch } = await servingFeed(fake);
  const three = [await watch(keys.alice), await watch(keys.alice), await watch(keys.alice)];
  const fourth = await watch(keys.alice);
  expect(fourth.response.statusCode).toBe(429);
  expect((await watch(keys.bob)).response.statusCode).toBe(200);
  three[0]?.close();
  let status = 429;
  while (status === 429) status = (await watch(keys.alice)).response.statusCode ?? 0;
  expect(status).toBe(200);
});

test('a feed that fails for a while loses nothing', async () => {
  const fake = fakeFeed();
  let isDown = false;
  const feed = {
    ...fake.feed,
    after: (...asked: Parameters<typeof fake.feed.after>): Promise<readonly StatusChange[]> =>
      isDown ? Promise.reject(new Error('ECONNREFUSED')) : fake.feed.after(...asked),
  };
  const { watch } = await serving({ statusFeed: feed, statusChanged$: fake.changed$ });
  const alice = await watch(keys.alice);
  await alice.until(({ length }) => length > 0);
  isDown = true;
  fake.tell(1n, 'alice');
  isDown = false;
  fake.tell(2n, 'alice');
  await alice.until((events) => ids(events).length === 2);
  expect(ids(alice.events)).toEqual(['1', '2']);
});

describe('every 15 s', () => {
  beforeEach(() => {
    jest.useFakeTimers({
      doNotFake: [
        'nextTick',
        'setImmediate',
        'setTimeout',
        'queueMicrotask',
        'performance',
        'Date',
      ],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('a connection beats, and its id moves on past the changes of others', async () => {
    const fake = fakeFeed();
    const { watch } = await servingFeed(fake);
    const [alice, operator] = [await watch(keys.alice), await watch(keys.operator)];
    fake.tell(7n, 'bob');
    await operator.until((events) => ids(events).length === 1);
    await alice.until(({ length }) => length === 1);
    jest.advanceTimersByTime(15_000);
    await alice.until(({ length }) => length === 2);
    expect(alice.events[1]).toEqual({ id: '7' });
  });

  test('a connection tells at once and with each beat how far the read model is behind, and nothing while nobody can tell', async () => {
    const fake = fakeFeed();
    let lag: { readonly events: number; readonly ms: number } | undefined = { events: 1, ms: 12.4 };
    const { watch } = await servingFeed(fake, {
      freshness: {
        waitFor: () => Promise.resolve(true),
        position: () => undefined,
        lag: () => lag,
      },
    });
    const alice = await watch(keys.alice);
    await alice.until(({ length }) => length === 1);
    lag = { events: 90, ms: 4_000 };
    jest.advanceTimersByTime(15_000);
    await alice.until(({ length }) => length === 2);
    lag = undefined;
    jest.advanceTimersByTime(15_000);
    await alice.until(({ length }) => length === 3);
    expect(alice.comments()).toEqual([': lag 12', ': beat', ': lag 4000', ': beat']);
  });

  test('a connection whose token has run out ends', async () => {
    const fake = fakeFeed();
    let now = NOW;
    const principal = { id: 'alice', role: 'user', expiresAt: NOW + 20_000 } as const;
    const { watch } = await servingFeed(fake, {
      clock: { now: () => now },
      authenticate: () => ({ outcome: 'authenticated', principal }),
    });
    const alice = await watch(keys.alice);
    jest.advanceTimersByTime(15_000);
    await alice.until(({ length }) => length === 2);
    now += 30_000;
    jest.advanceTimersByTime(15_000);
    await alice.ended;
  });
});

test('closing ends every connection, so that a server can stop', async () => {
  const fake = fakeFeed();
  const { api, watch } = await servingFeed(fake);
  const watchers = [await watch(keys.alice), await watch(keys.bob)];
  api.closeLiveStreams();
  await Promise.all(watchers.map(({ ended }) => ended));
});

test('a reader that does not read is cut off, and the others go on', async () => {
  const fake = fakeFeed();
  const { watch } = await servingFeed(fake);
  const slow = await watch(keys.alice);
  const quick = await watch(keys.operator);
  await Promise.all([slow, quick].map(({ until }) => until(({ length }) => length > 0)));
  slow.response.pause();
  const told = 50_000n; // some 13 MB: more than sockets and the buffer hold
  for (let position = 1n; position <= told; position += 1n) fake.tell(position, 'alice');
  await quick.until((events) => events.at(-1)?.id === String(told));
  slow.response.resume();
  await slow.ended;
  expect(ids(slow.events).length).toBeLessThan(Number(told));
});

const LATEST = '?changes=latest';
const nthJob = (n: number): string => `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const jobsOf = (events: readonly Event[]): readonly string[] =>
  events
    .filter(({ event }) => event === 'status')
    .map(({ data }) => (JSON.parse(data ?? '') as { readonly jobId: string }).jobId);

const rising = (texts: readonly (string | undefined)[]): boolean =>
  texts.every((text, at) => at === 0 || BigInt(text ?? 0) > BigInt(texts[at - 1] ?? 0));

describe('with the latest changes only', () => {
  test('a reader that does not read is not cut off: then it has the newest change of each job, and has skipped what was before', async () => {
    const fake = fakeFeed();
    const { watch } = await servingFeed(fake);
    const slow = await watch(keys.alice, undefined, LATEST);
    const quick = await watch(keys.operator);
    await Promise.all([slow, quick].map(({ until }) => until(({ length }) => length > 0)));
    slow.response.pause();
    const [told, jobs] = [60_000, 480]; // some 15 MB, page by page: more than sockets hold
    for (let n = 1; n <= told; n += 1) fake.tell(BigInt(n), 'alice', nthJob(n % jobs));
    await quick.until((events) => events.at(-1)?.id === String(told));
    slow.response.resume();
    await slow.until((events) => events.at(-1)?.id === String(told));
    expect(rising(ids(slow.events))).toBe(true);
    expect(ids(slow.events).at(-1)).toBe(String(told)); // a beat would move the id on without it
    expect(ids(slow.events).length).toBeLessThan((told / 500) * jobs);
    expect(new Set(jobsOf(slow.events).slice(-jobs)).size).toBe(jobs);
    fake.tell(BigInt(told + 1), 'alice', nthJob(1));
    await slow.until((events) => events.at(-1)?.id === String(told + 1));
  });

  test('a reader that misses the changes of more jobs than may wait is told to read the lists, and goes on from there', async () => {
    const fake = fakeFeed();
    const { watch } = await servingFeed(fake);
    const slow = await watch(keys.alice, undefined, LATEST);
    const quick = await watch(keys.operator);
    await Promise.all([slow, quick].map(({ until }) => until(({ length }) => length > 0)));
    slow.response.pause();
    const told = 50_000;
    for (let n = 1; n <= told; n += 1) fake.tell(BigInt(n), 'alice', nthJob(n));
    await quick.until((events) => events.at(-1)?.id === String(told));
    slow.response.resume();
    await slow.until((events) => events.some(({ event }) => event === 'reset'));
    fake.tell(BigInt(told + 1), 'alice');
    await slow.until((events) => events.at(-1)?.id === String(told + 1));
    expect(ids(slow.events).length).toBeLessThan(told);
    expect(rising(slow.events.map(({ id }) => id))).toBe(true);
  });

  test('who resumes hears the newest of each job in every page of what he missed', async () => {
    const fake = fakeFeed(0n);
    for (let n = 1; n <= 1_200; n += 1) fake.tell(BigInt(n), 'alice', nthJob(n % 4));
    const { watch } = await servingFeed(fake);
    const alice = await watch(keys.alice, '100', LATEST);
    await alice.until((events) => ids(events).includes('1200'));
    expect(rising(ids(alice.events))).toBe(true);
    // a page that was written cannot be taken back
    expect(ids(alice.events)).toEqual(
      [597, 598, 599, 600, 1097, 1098, 1099, 1100, 1197, 1198, 1199, 1200].map(String),
    );
  });

  test('who asks for changes that are not there is refused', async () => {
    const { watch } = await servingFeed(fakeFeed());
    expect((await watch(keys.alice, undefined, '?changes=some')).response.statusCode).toBe(400);
  });
});
