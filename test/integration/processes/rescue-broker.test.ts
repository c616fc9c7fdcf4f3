import { jobStream } from '../../../domain/ids';
import { toTimestamp } from '../../../domain/time';
import type { StoredSubject } from '../../../infra/nats/due-stock';
import { nthJobId } from '../../support/due-rows';
import { definition } from '../../support/jobs';
import { newEvent } from '../../support/new-event';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import { context, createWorld, type World } from './world';
import { plainBroker } from '../../support/names';

let world: World;
afterEach(async () => {
  await world.dispose();
});

/** Everything that a rescuer waits for, made short. */
const settings = {
  everyMs: 50,
  startTimeoutMs: 400,
  startTimeoutAfterLossMs: 100,
  compareEveryMs: 1_000,
};
const LATE_MS = 60_000;

const stored = async (): Promise<number> => (await world.stock.state()).messages;

const subjects = async (): Promise<readonly StoredSubject[]> => {
  const found: StoredSubject[] = [];
  await world.stock.subjects((subject) => found.push(subject));
  return found;
};

const purge = async (): Promise<void> => {
  const manager = await world.connection.jetstreamManager();
  await manager.streams.purge(plainBroker.stream);
};

/** Rows of jobs that were dispatched, the n-th due n ms after the first, without the log that they come from. */
const queuedRows = async (count: number, payload: string | null = null): Promise<void> => {
  await world.readModel.db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, dispatched_at, sent_at, timeout_ms,
       cutoff_ms, attempt, delivery, abort_requested, status, owner_id, name, location, queue, tags, retry, payload)
     select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, n,
       now() - interval '1 hour' + n * interval '1 millisecond', now(), now(), now(), 60000,
       0, 1, 1, false, 'queued', 'ada', 'pay', 'print:', 'default', '{}', '{}', ?::json
     from generate_series(0, ?::int - 1) n`,
    [payload, count],
  );
  await world.readModel.db.raw('update checkpoint set position = ?', [count + 1]);
};

/** The log of those rows. */
const queuedStreams = async (count: number): Promise<void> => {
  const dueAt = toTimestamp(Date.now() - LATE_MS);
  for (let n = 0; n < count; n++)
    await world.log.append(
      jobStream(nthJobId(n)),
      [
        newEvent({ ...definition, dueAt }, 'JobScheduled'),
        newEvent({ attempt: 1, dueAt }, 'JobDispatched'),
      ],
      'no-stream',
    );
};

const publishFor = async (from: number, count: number): Promise<void> => {
  for (let n = from; n < from + count; n += 500)
    await Promise.all(
      Array.from({ length: Math.min(500, from + count - n) }, (_, i) => {
        const jobId = nthJobId(n + i);
        return world.messages.publish('default', jobId, `${jobId}/1/1`, 'a message that waits');
      }),
    );
};

/** More than are compared at once, and more than strays are looked for in a turn; in the long rounds many times that. */
const WAITING = isLong ? 26_000 : 11_000;
const LOST = WAITING - 500;

test(`${WAITING} messages that wait hide no lost one behind them, and nobody asks for each of them`, async () => {
  world = await createWorld();
  await queuedRows(WAITING);
  await queuedStreams(WAITING);
  await publishFor(0, WAITING);
  const gone = await world.stock.newest('default', nthJobId(LOST));
  await world.stock.remove(gone?.sequence ?? 0);
  const asked = { newest: 0, subjects: 0 };
  const stock = {
    ...world.stock,
    newest: (queue: string, jobId: string) => {
      asked.newest += 1;
      return world.stock.newest(queue, jobId);
    },
    subjects: (onSubject: (subject: StoredSubject) => void) => {
      asked.subjects += 1;
      return world.stock.subjects(onSubject);
    },
  };
  const begunMs = performance.now();
  world.run(world.rescuer({ settings: { ...settings, compareEveryMs: 20_000 }, stock }));
  await until(async () => (await world.stock.newest('default', nthJobId(LOST))) !== undefined, {
    what: 'the lost message is there again',
  });
  await until(() => world.counts.of('rescued:redispatched') > 0, { what: 'it is counted' });
  expect(world.counts.of('rescued:redispatched')).toBe(1);
  expect(asked.newest).toBe(1);
  // each comparison is followed by a rest of fifty times as long
  expect(asked.subjects).toBeLessThan(5 + (performance.now() - begunMs) / 1_000);
});

test('an empty broker is refilled in bulk, the oldest due first, each message once', async () => {
  const count = isLong ? 100_000 : 6_000; // more than are compared at once
  world = await createWorld({ maxBytes: 4 * 1_024 ** 3 });
  await queuedRows(count);
  await queuedStreams(count);
  const startTimeoutMs = 300_000; // the stream is as good as new
  const begunMs = performance.now();
  world.run(world.rescuer({ settings: { ...settings, startTimeoutMs } }));
  await until(() => world.counts.of('rescued:redispatched') >= count, {
    timeoutMs: 120_000,
    what: 'all messages are there',
  });
  if (isLong) expect(performance.now() - begunMs).toBeLessThan(60_000);
  expect((await subjects()).filter(({ messages }) => messages !== 1)).toEqual([]);
  const last = await world.stock.newest('default', nthJobId(count - 1));
  expect(last?.sequence).toBeGreaterThan(count - 1_000);
  expect(world.counts.of('rescued:redispatched')).toBe(count);
});

test('a refill takes no more than the broker has room for, records nothing that it cannot send, and goes on when there is room', async () => {
  world = await createWorld({ maxBytes: 1_024 ** 2 });
  const count = 1_000;
  await queuedRows(count, JSON.stringify('x'.repeat(2_000)));
  await queuedStreams(count);
  world.run(world.rescuer({ settings }));
  await until(async () => (await stored()) > 100, { what: 'what fits is there' });
  const manager = await world.connection.jetstreamManager();
  const started = new Set<string>();
  while (started.size < count) {
    await until(async () => (await stored()) > 0);
    // a broker without room takes up nobody's deliveries
    expect(world.counts.of('rescued:redispatched') - started.size).toBeLessThan(count / 2 + 130);
    const { state } = await manager.streams.info(plainBroker.stream);
    const taken = (await subjects()).map(({ jobId }) => jobId);
    await world.readModel.db('jobs').whereIn('job_id', taken).update({ status: 'running' });
    for (const jobId of taken) started.add(jobId);
    await manager.streams.purge(plainBroker.stream, { seq: state.last_seq + 1 });
  }
  expect(world.counts.of('rescued:redispatched')).toBe(count);
});

describe('with the whole flow', () => {
  const begin = async (): Promise<void> => {
    world = await createWorld();
    world.run(world.projector());
    // more than the budget of a queue that nobody serves
    const unbounded = {
      minQueueMessages: 2_000,
      ownerWindows: {
        aloneJobs: 2_000,
        besideJobs: 2_000,
        maxJobs: 2_000,
        aloneMs: 60_000,
        besideMs: 60_000,
      },
    };
    world.run(world.dispatcher({ settings: unbounded }));
  };
  const scheduleMany = (count: number, inMs = 0): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: count }, () => world.schedule(inMs)));
  const cancel = (jobId: string) => world.jobs.cancel(jobId, undefined, context);
  const slow = { ...settings, startTimeoutMs: 3_600_000, compareEveryMs: 3_600_000 };

  test('cancelling 1,000 jobs of a queue that nobody serves frees the broker within seconds', async () => {
    await begin();
    const run = world.run(world.rescuer({ settings: slow }));
    const jobs = await scheduleMany(1_000);
    await until(async () => (await stored()) === 1_000);
    await Promise.all(jobs.slice(0, 20).map(cancel));
    await until(async () => (await stored()) === 980, { what: 'a few are gone' });
    await Promise.all(jobs.slice(20).map(cancel));
    await until(async () => (await stored()) === 0, { what: 'all of them are gone' });
    await until(() => world.counts.of('removed') >= 1_000, { what: 'they are counted' });
    expect(world.counts.of('removed')).toBe(1_000);
    await run.stop();
  });

  test('cancelling jobs that were never dispatched asks the broker for nothing', async () => {
    await begin();
    let asked = 0;
    const newest = (queue: string, jobId: string) => {
      asked += 1;
      return world.stock.newest(queue, jobId);
    };
    world.run(world.rescuer({ settings: slow, stock: { ...world.stock, newest } }));
    const [waiting] = await scheduleMany(1); // so that the broker is not empty
    await until(async () => (await stored()) === 1);
    const jobs = await scheduleMany(40, 3_600_000);
    await Promise.all(jobs.map(cancel));
    await cancel(waiting ?? '');
    await until(async () => (await stored()) === 0);
    expect(asked).toBeLessThan(10); // for the one that was, by the follower and by the comparison
  });

  test('a job that was moved and dispatched again keeps its new message, and loses the old one only', async () => {
    await begin();
    const [jobId = ''] = await scheduleMany(1);
    await until(async () => (await stored()) === 1);
    const dueAt = Date.now() + 500;
    await world.jobs.reschedule(jobId, dueAt, undefined, context);
    await until(async () => (await stored()) === 2, { what: 'it was dispatched again' });
    const newest = await world.stock.newest('default', jobId);
    world.run(world.rescuer({ settings }));
    await until(async () => (await stored()) === 1, { what: 'the old message is gone' });
    expect(await world.stock.newest('default', jobId)).toEqual(newest);
  });

  test('what was cancelled while no rescuer ran is found by the comparison, and so is a foreign message', async () => {
    await begin();
    const [jobId = '', kept = ''] = await scheduleMany(2);
    await world.messages.publish('default', nthJobId(7), `${nthJobId(7)}/1/1`, 'of another log');
    await until(async () => (await stored()) === 3);
    await cancel(jobId);
    world.run(world.rescuer({ settings }));
    await until(async () => (await stored()) === 1, { what: 'both are gone' });
    expect(await world.stock.newest('default', kept)).toBeDefined();
  });

  test('the messages of a job that has expired, and of one that was done without its message, leave the broker; those of others stay', async () => {
    await begin();
    const [done = '', kept = ''] = await scheduleMany(2);
    await until(async () => (await stored()) === 2);
    const expired = await world.schedule(0, { maxLatenessMs: 6_000 });
    await until(async () => (await stored()) === 3, {
      what: 'it is dispatched before it is too late',
    });
    const claim = { jobId: done, attempt: 1, revision: 1n, executorId: 'took-no-message' };
    const claimed = await world.attempts.claim(claim);
    if (!claimed.granted) throw new Error(claimed.code);
    const outcome = { status: 'succeeded' } as const;
    const report = { jobId: done, attempt: 1, token: claimed.token, outcome };
    expect(await world.attempts.report(report)).toEqual({ accepted: true });
    world.run(world.rescuer({ settings }));
    await world.untilStory(expired, 'JobExpired');
    await until(async () => (await stored()) === 1, { what: 'both messages are gone' });
    expect(await world.stock.newest('default', kept)).toBeDefined();
    await until(() => world.counts.of('removed') >= 2, { what: 'they are counted' });
    expect(world.counts.of('removed')).toBe(2);
  });

  test('a message that is too large for the broker ends as a failed attempt that says so', async () => {
    await begin();
    const manager = await world.connection.jetstreamManager();
    await manager.streams.update(plainBroker.stream, { max_msg_size: 2_000 });
    world.run(world.rescuer({ settings }));
    const large = await world.schedule(0, { payload: 'x'.repeat(4_000) });
    const small = await world.schedule(0);
    const story = await world.untilStory(large, 'JobFailed');
    expect(story).not.toContain('JobStarted');
    const [failed] = (await world.log.read(jobStream(large))).filter(
      ({ type }) => type === 'JobAttemptFailed',
    );
    expect(failed?.data).toMatchObject({
      cause: 'undeliverable',
      error: { code: 'message-too-large' },
    });
    await until(() => world.stock.newest('default', small), { what: 'the small one is there' });
  });

  test('a message that vanishes each time is not sent for ever: the attempt ends', async () => {
    await begin();
    const retry = { maxAttempts: 1, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
    // the stream is no new one to a rescuer that starts a while after it
    const startTimeoutMs = 100;
    await until(async () => Date.now() - Date.parse((await world.stock.state()).madeAt) > 200);
    world.run(world.rescuer({ settings: { ...settings, startTimeoutMs, maxDeliveries: 3 } }));
    const jobId = await world.schedule(0, { retry });
    const story = await until(async () => {
      await purge();
      const types = await world.story(jobId);
      return types.at(-1) === 'JobFailed' ? types : undefined;
    });
    expect(story.filter((type) => type === 'JobRedispatched')).toHaveLength(2);
    await until(() => world.counts.of('rescued:undeliverable') > 0, { what: 'it is counted' });
    expect(world.counts.of('rescued:undeliverable')).toBe(1);
  });
});
