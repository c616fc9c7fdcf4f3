import type { Ask, Handler } from '../../../processes/executing/ports';
import { natsRequests } from '../../../infra/nats/requests';
import { until } from '../../support/until';
import { context, createWorld, type World } from './world';

let world: World;
let ask: Ask;

const succeed: Handler = () => Promise.resolve({ status: 'succeeded' });
const untilAborted: Handler = (_job, signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

beforeAll(async () => {
  world = await createWorld();
  ({ ask } = natsRequests(world.connection));
  world.run(world.projector());
  world.run(world.dispatcher());
  world.run(world.gateway());
});
afterAll(async () => {
  await world.dispose();
});

test('answers that get lost are asked for again, and the job starts and ends once', async () => {
  const lost: string[] = [];
  const lossy: Ask = async (to, text, timeoutMs) => {
    const answer = await ask(to, text, timeoutMs);
    const subject = to.split('.').slice(0, 2).join('.'); // whichever gateway was asked
    if (subject === 'executor.heartbeat' || lost.filter((s) => s === subject).length >= 2)
      return answer;
    lost.push(subject);
    throw new Error('the answer got lost');
  };
  const running = world.run(world.executor({ handlers: { print: succeed }, ask: lossy }));
  const jobId = await world.schedule(0);
  expect(await world.untilStory(jobId, 'JobSucceeded')).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobStarted',
    'JobSucceeded',
  ]);
  await until(() => world.counts.of('reported:succeeded:accepted') > 0);
  expect(lost.sort()).toEqual([
    'executor.claim',
    'executor.claim',
    'executor.report',
    'executor.report',
  ]);
  await running.stop();
});

test('exact copies of a message start a job once, whoever gets them', async () => {
  const runs: string[] = [];
  const handlers = {
    print: (async (job, signal) => {
      runs.push(job.jobId);
      return await succeed(job, signal);
    }) satisfies Handler,
  };
  const jobId = await world.schedule(0);
  await until(() => world.messages.isStored('default', jobId));
  const manager = await world.connection.jetstreamManager();
  const subject = `jobs.due.default.${jobId}`;
  const { data } = await manager.streams.getMessage('JOBS_DUE', { last_by_subj: subject });
  const jetstream = world.connection.jetstream();
  for (let copy = 1; copy <= 5; copy++)
    await jetstream.publish(subject, data, { msgID: `copy-${copy}-${jobId}` });
  const both = [1, 2].map(() => world.run(world.executor({ handlers })));
  await world.untilStory(jobId, 'JobSucceeded');
  await until(async () => !(await world.messages.isStored('default', jobId)), {
    what: 'every copy is acknowledged',
  });
  await Promise.all(both.map(({ stop }) => stop()));
  expect(runs).toEqual([jobId]);
  expect((await world.story(jobId)).filter((type) => type === 'JobStarted')).toHaveLength(1);
});

test('a message from before a reschedule is refused, so the job does not run at the old time', async () => {
  const jobId = await world.schedule(0);
  await until(() => world.messages.isStored('default', jobId));
  await world.jobs.reschedule(jobId, Date.now() + 3_600_000, undefined, context);
  const running = world.run(world.executor({ handlers: { print: succeed } }));
  await until(async () => !(await world.messages.isStored('default', jobId)));
  await running.stop();
  expect(await world.story(jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobRescheduled']);
});

test('a failed attempt is tried again by policy', async () => {
  const running = world.run(
    world.executor({
      handlers: {
        print: ({ attempt }) =>
          attempt === 1
            ? Promise.reject(new Error('not yet'))
            : Promise.resolve({ status: 'succeeded' }),
      },
    }),
  );
  const retry = { maxAttempts: 2, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
  const jobId = await world.schedule(0, { retry });
  expect(await world.untilStory(jobId, 'JobSucceeded')).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobStarted',
    'JobAttemptFailed',
    'JobDispatched',
    'JobStarted',
    'JobSucceeded',
  ]);
  await running.stop();
});

test('a job whose owner asks for it is stopped at the next heartbeat', async () => {
  const running = world.run(
    world.executor({ handlers: { print: untilAborted }, settings: { heartbeatEveryMs: 50 } }),
  );
  const jobId = await world.schedule(0);
  await world.untilStory(jobId, 'JobStarted');
  await world.jobs.abort(jobId, undefined, context);
  expect(await world.untilStory(jobId, 'JobAborted')).toContain('JobAbortRequested');
  await running.stop();
});

test('a handler that exceeds the time limit is stopped and reported as timed out', async () => {
  const running = world.run(world.executor({ handlers: { print: untilAborted } }));
  const retry = { maxAttempts: 1, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
  const jobId = await world.schedule(0, { retry, timeoutMs: 1_000 });
  expect(await world.untilStory(jobId, 'JobFailed')).toContain('JobAttemptFailed');
  const events = await world.log.read(`job-${jobId}`);
  expect(events.at(-1)?.data).toMatchObject({ error: { code: 'timed-out' } });
  await running.stop();
});

test('an executor that stops lets jobs end within its grace, and gives up those that do not', async () => {
  let finish: (() => void) | undefined;
  const handler: Handler = (job, signal) =>
    job.name === 'short'
      ? new Promise((resolve) => {
          finish = () => {
            resolve({ status: 'succeeded' });
          };
        })
      : untilAborted(job, signal);
  const running = world.run(
    world.executor({ handlers: { print: handler }, settings: { graceMs: 4_000 } }),
  );
  const [short, long] = await Promise.all([
    world.schedule(0, { name: 'short' }),
    world.schedule(0, { name: 'long' }),
  ]);
  await Promise.all([short, long].map((jobId) => world.untilStory(jobId, 'JobStarted')));
  await until(() => finish);
  const stopped = running.stop();
  finish?.();
  await stopped;
  expect((await world.story(short)).at(-1)).toBe('JobSucceeded');
  const events = await world.log.read(`job-${long}`);
  const failed = events.find(({ type }) => type === 'JobAttemptFailed');
  expect(failed?.data).toMatchObject({ error: { code: 'executor-stopping' } });
  expect(failed?.data).toHaveProperty('retryAt');
});

test('a message that cannot be read is dropped and holds up nobody', async () => {
  const running = world.run(world.executor({ handlers: { print: succeed } }));
  const jetstream = world.connection.jetstream();
  await jetstream.publish('jobs.due.default.garbage', Buffer.from([0xff, 0x00, 0x7b]));
  await jetstream.publish('jobs.due.default.other', JSON.stringify({ type: 'something else' }));
  const jobId = await world.schedule(0);
  await world.untilStory(jobId, 'JobSucceeded');
  await until(() => world.counts.of('poison') === 2);
  await until(async () => !(await world.messages.isStored('default', 'garbage')));
  await running.stop();
});

test('an executor takes no message while it has no free slot, so another one can', async () => {
  const stuck = world.run(
    world.executor({
      handlers: { print: untilAborted },
      settings: { concurrency: 1, graceMs: 10 },
    }),
  );
  const first = await world.schedule(0);
  await world.untilStory(first, 'JobStarted');
  const second = await world.schedule(0);
  await until(() => world.messages.isStored('default', second));
  const free = world.run(world.executor({ handlers: { print: succeed } }));
  await world.untilStory(second, 'JobSucceeded');
  await Promise.all([stuck.stop(), free.stop()]);
});
