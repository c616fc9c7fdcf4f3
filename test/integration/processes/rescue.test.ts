import type { NewEvent } from '../../../domain/event-log';
import { toTimestamp } from '../../../domain/time';
import type { Handler } from '../../../processes/executing/ports';
import { queuedJobs } from '../../../projections/queries/rescuing/queued-jobs';
import { until } from '../../support/until';
import { newEvent } from '../../support/new-event';
import { createWorld, type World } from './world';

let world: World;

const succeed: Handler = () => Promise.resolve({ status: 'succeeded' });
/** Everything that a rescuer waits for, made short. */
const settings = {
  everyMs: 50,
  startTimeoutMs: 400,
  startTimeoutAfterLossMs: 100,
  overdueGraceMs: 100,
  freshStartMs: 0,
  compareEveryMs: 100,
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
  let waiting = 0;
  const metrics = {
    ...world.metrics.rescuer,
    waiting: (jobs: number) => {
      waiting = jobs;
    },
  };
  world.run(world.rescuer({ settings, metrics }));
  await until(() => waiting === 1, { what: 'the rescuer has seen the message wait' });
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
  await until(() => world.counts.of('rescued:executor-lost') > 0, { what: 'it is counted' });
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
  const silentMs = 4_000; // longer than beats count as heard after the last sign of the broker
  world.run(world.rescuer({ settings: { ...settings, silentMs } }));
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
  await until(() => performance.now() - silentSince > 1.5 * silentMs);
  await world.nats.start();
  finish?.();
  await world.untilStory(jobId, 'JobSucceeded');
  expect(world.counts.of('rescued:executor-lost')).toBe(0);
});

/** An event that another build, or another process, writes. */
const told = (type: string, data: object): NewEvent => {
  const event = newEvent(data, type);
  return { ...event, metadata: { ...event.metadata, at: toTimestamp(Date.now()) } };
};

test('one job with an event of an unknown type holds up no other: executors are lost, limits end and messages are sent', async () => {
  const poisoned = await world.schedule(0, { timeoutMs: 1_000, retry: once });
  await claimAndVanish(poisoned);
  await world.log.append(`job-${poisoned}`, [told('JobTeleported', {})], 'any');
  const retry = { ...once, maxAttempts: 2 };
  const [orphan, late, lost] = await Promise.all([
    world.schedule(0, { retry }),
    world.schedule(0, { timeoutMs: 1_500, retry: once }),
    world.schedule(0),
  ]);
  await claimAndVanish(orphan);
  await claimAndVanish(late);
  await world.untilStory(lost, 'JobDispatched');
  await until(() => world.messages.isStored('default', lost));
  const manager = await world.connection.jetstreamManager();
  await manager.streams.purge('JOBS_DUE');

  world.run(world.rescuer({ settings: { ...settings, silentMs: 2_500 } }));
  await world.untilStory(late, 'JobFailed');
  world.run(world.executor({ handlers: { print: succeed } }));
  await Promise.all([orphan, lost].map((jobId) => world.untilStory(jobId, 'JobSucceeded')));
  await until(() => world.counts.of('rescued:executor-lost') > 0, { what: 'it is counted' });
  await until(() => world.counts.of('fault:overdue') > 0 && world.counts.of('fault:orphaned') > 0);
  expect(world.counts.of('outage:overdue') + world.counts.of('outage:orphaned')).toBe(0);
  const tries = world.counts.of('fault:overdue') + world.counts.of('fault:orphaned');
  expect(tries).toBeLessThan(20); // it was in every one of some hundred rounds
});

test('a broker that is away holds up no time-out', async () => {
  world.run(world.rescuer({ settings: { ...settings, silentMs: 60_000 } }));
  const jobId = await world.schedule(0, { timeoutMs: 1_000, retry: once });
  await claimAndVanish(jobId);
  world.nats.pause();
  await world.untilStory(jobId, 'JobFailed');
  world.nats.resume();
});

test('a job whose row stands still is decided from its stream: its attempt times out all the same', async () => {
  const retry = { ...once, maxAttempts: 2 };
  const jobId = await world.schedule(0, { timeoutMs: 500, retry });
  await claimAndVanish(jobId);
  const { standing } = queuedJobs(world.readModel.db);
  await until(async () => (await standing([jobId]))[0]?.status === 'running');
  await world.readModel.db.raw(
    `create function keep_row() returns trigger language plpgsql as 'begin return old; end';
     create trigger keep_row before update on jobs for each row execute function keep_row()`,
  );
  const run = world.run(world.rescuer({ settings: { ...settings, silentMs: 60_000 } }));
  await until(async () => (await world.story(jobId)).includes('JobAttemptFailed'));
  // the second attempt is started where no row tells of it
  const [dueAt, attempt] = [new Date().toISOString(), 2];
  await world.log.append(
    `job-${jobId}`,
    [told('JobDispatched', { attempt, dueAt }), told('JobStarted', { attempt, executorId: 'x' })],
    'any',
  );
  await world.untilStory(jobId, 'JobFailed');
  await run.stop();
});

test('a queued job that nobody takes expires when it is later than it may be', async () => {
  world.run(world.rescuer({ settings }));
  const jobId = await world.schedule(0, { maxLatenessMs: 200 });
  await world.untilStory(jobId, 'JobExpired');
});
