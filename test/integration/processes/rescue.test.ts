import type { Handler } from '../../../processes/executing/ports';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

let world: World;

const succeed: Handler = () => Promise.resolve({ status: 'succeeded' });
/** Everything that a rescuer waits for, made short. */
const settings = {
  everyMs: 50,
  startTimeoutMs: 400,
  startTimeoutAfterLossMs: 100,
  overdueGraceMs: 100,
  silentMs: 1_000,
};
const once = { maxAttempts: 1, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };

beforeEach(async () => {
  world = await createWorld();
  world.run(world.projector());
  world.run(world.dispatcher());
  world.run(world.gateway({ settings: { listeningEveryMs: 100 } }));
});
afterEach(async () => {
  await world.dispose();
});

const redispatches = async (jobId: string): Promise<number> =>
  (await world.story(jobId)).filter((type) => type === 'JobRedispatched').length;

test('a broker that lost its store gets every message that the log has, once, under a new id', async () => {
  const jobs = await Promise.all(Array.from({ length: 20 }, () => world.schedule(0)));
  await until(async () => {
    const stored = await Promise.all(jobs.map((id) => world.messages.isStored('default', id)));
    return stored.every(Boolean);
  });
  await world.nats.kill();
  await world.nats.loseStore();
  await world.nats.start();
  world.run(world.rescuer({ settings }));
  world.run(world.executor({ handlers: { print: succeed } }));
  await Promise.all(jobs.map((jobId) => world.untilStory(jobId, 'JobSucceeded')));
  expect(await Promise.all(jobs.map(redispatches))).toEqual(jobs.map(() => 1));
});

test('a message that waits because executors are slow is left alone', async () => {
  const jobId = await world.schedule(0);
  await until(() => world.messages.isStored('default', jobId));
  const looked: string[] = [];
  const isStored = async (queue: string, id: string): Promise<boolean> => {
    looked.push(id);
    return await world.messages.isStored(queue, id);
  };
  world.run(world.rescuer({ settings, messages: { ...world.messages, isStored } }));
  await until(() => looked.includes(jobId), { what: 'the rescuer has looked for the message' });
  world.run(world.executor({ handlers: { print: succeed } }));
  await world.untilStory(jobId, 'JobSucceeded');
  expect(await redispatches(jobId)).toBe(0);
});

/** An executor that claims and is never heard of again. */
const claimAndVanish = async (jobId: string): Promise<void> => {
  await world.untilStory(jobId, 'JobDispatched');
  const claim = { jobId, attempt: 1, revision: 1n, executorId: 'vanished' };
  expect(await world.attempts.claim(claim)).toMatchObject({ granted: true });
};

test('an attempt past its limit is ended, whatever its executor does', async () => {
  world.run(world.rescuer({ settings: { ...settings, silentMs: 60_000 } }));
  const jobId = await world.schedule(0, { timeoutMs: 1_000, retry: once });
  await claimAndVanish(jobId);
  await world.untilStory(jobId, 'JobFailed');
  const [failed] = (await world.log.read(`job-${jobId}`)).filter(
    ({ type }) => type === 'JobAttemptFailed',
  );
  expect(failed?.data).toMatchObject({ cause: 'timed-out' });
});

test('an attempt whose executor has stopped beating is tried again by another one', async () => {
  world.run(world.rescuer({ settings }));
  const retry = { ...once, maxAttempts: 2 };
  const jobId = await world.schedule(0, { retry });
  await claimAndVanish(jobId);
  world.run(world.executor({ handlers: { print: succeed } }));
  await world.untilStory(jobId, 'JobSucceeded');
  expect(world.counts.of('rescued:executor-lost')).toBe(1);
});

test('an outage of the broker, in which nobody can beat, gives up nobody', async () => {
  let finish: (() => void) | undefined;
  const handler: Handler = () =>
    new Promise((resolve) => {
      finish = () => {
        resolve({ status: 'succeeded' });
      };
    });
  world.run(world.rescuer({ settings }));
  world.run(
    world.executor({
      handlers: { print: handler },
      settings: { heartbeatEveryMs: 200, requestTimeoutMs: 500 },
    }),
  );
  const jobId = await world.schedule(0, { retry: once });
  await world.untilStory(jobId, 'JobStarted');
  await until(() => finish);
  await world.nats.kill();
  const silentSince = performance.now();
  await until(() => performance.now() - silentSince > 2 * settings.silentMs);
  await world.nats.start();
  finish?.();
  await world.untilStory(jobId, 'JobSucceeded');
  expect(world.counts.of('rescued:executor-lost')).toBe(0);
});

test('a queued job that nobody takes expires when it is later than it may be', async () => {
  world.run(world.rescuer({ settings }));
  const jobId = await world.schedule(0, { maxLatenessMs: 200 });
  await world.untilStory(jobId, 'JobExpired');
});
