import { jobCommands } from '../../../commands/job-commands';
import { uuids } from '../../../infra/ids';
import { queueDepths } from '../../../infra/nats/queue-depths';
import type { RunnableJob } from '../../../processes/executing/ports';
import type { LimitsInForce } from '../../../processes/dispatching/shares/share-limits';
import { fixedLimits } from '../../support/limits';
import { queueStates } from '../../../projections/queries/queues';
import { definition } from '../../support/jobs';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import { createWorld, type World } from './world';
import { plainBroker } from '../../support/names';

/** Small, so that a thousand jobs of two kilobytes do not fit. */
const STREAM_BYTES = 1_024 * 1_024;

let world: World;
let starts: RunnableJob[];
const handlers = {
  print: (job: RunnableJob) => {
    starts.push(job);
    return Promise.resolve({ status: 'succeeded' as const });
  },
};
const ownerOf = ({ ownerId }: RunnableJob): string => ownerId;

/** Commands of a clock that is behind, for jobs that have been due for a while. */
const tenMinutesAgo = () =>
  jobCommands({ log: world.log, ids: uuids, clock: { now: () => Date.now() - 600_000 } });

const scheduleFor = async (
  ownerId: string,
  dueAt: number,
  changes: Partial<typeof definition> = {},
): Promise<string> => {
  const { ownerId: _, ...rest } = { ...definition, ...changes };
  const context = { actor: { kind: 'user', id: ownerId } as const, correlationId: 'test' };
  const answer = await tenMinutesAgo().schedule({ definition: rest, dueAt }, context);
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer.jobId;
};
const scheduleMany = async (
  count: number,
  ...[ownerId, dueAt, changes]: Parameters<typeof scheduleFor>
): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let done = 0; done < count; done += 1_000)
    ids.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(1_000, count - done) }, () =>
          scheduleFor(ownerId, dueAt, changes),
        ),
      )),
    );
  return ids;
};
const untilProjected = async (jobs: number): Promise<void> => {
  await until(
    async () => {
      const { rows } = await world.readModel.db.raw<{ rows: readonly { n: string }[] }>(
        'select count(*) as n from jobs',
      );
      return Number(rows[0]?.n) >= jobs;
    },
    { timeoutMs: 120_000, what: `${jobs} jobs are in the read model` },
  );
};
const statusOf = async (jobIds: readonly string[]): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await world.readModel.db.raw<{
    rows: readonly { status: string; n: string }[];
  }>('select status, count(*) as n from jobs where job_id = any(?::uuid[]) group by 1', [
    [...jobIds],
  ]);
  return Object.fromEntries(rows.map(({ status, n }) => [status, Number(n)]));
};
const stateOf = async (queue: string) => {
  const { queues } = await queueStates(world.readModel.db, 15_000).list(10);
  return queues.find((one) => one.queue === queue);
};
const heldBack = async (): Promise<
  readonly { queue: string; owner_id: string; reason: string }[]
> =>
  (
    await world.readModel.db.raw<{
      rows: readonly { queue: string; owner_id: string; reason: string }[];
    }>('select queue, owner_id, reason from held_back order by queue, owner_id')
  ).rows;

beforeEach(async () => {
  starts = [];
  world = await createWorld({ maxBytes: STREAM_BYTES });
  world.run(world.projector());
  world.run(world.gateway());
});
afterEach(async () => {
  await world.dispose();
});

test('the budget of a queue and how many of its jobs start are told by those who let them through', async () => {
  const served = world.run(world.executor({ handlers }));
  world.run(world.dispatcher());
  // an executor beats before its first job, so its queue is known
  await until(async () => (await stateOf('default'))?.executors === 1);
  const jobIds = await scheduleMany(30, 'ada', Date.now());
  await until(async () => (await stateOf('default'))?.startsPerSecond === 0.5);
  await until(async () => (await stateOf('default'))?.budget !== undefined);
  expect((await statusOf(jobIds))['scheduled']).toBeUndefined();
  await served.stop();
});

test('a queue that nobody serves holds up no other and no time-out, says that it waits, and goes on when somebody comes', async () => {
  world.run(world.executor({ handlers }));
  world.run(world.dispatcher());
  const rescuing = { everyMs: 50, overdueGraceMs: 100, freshStartMs: 0, silentMs: 60_000 };
  world.run(world.rescuer({ settings: rescuing }));
  const payload = 'x'.repeat(2_000);
  const misspelt = { queue: 'defualt', payload };
  const stuck = await scheduleMany(1_000, 'ada', Date.now(), misspelt);
  const others = await scheduleMany(20, 'bob', Date.now() + 200, { payload });
  for (const jobId of others) await world.untilStory(jobId, 'JobSucceeded');

  await until(
    async () => {
      const misspelt = { queue: 'defualt', owner_id: '', reason: 'no-executors' };
      expect(await heldBack()).toEqual([misspelt]);
      return true;
    },
    { what: 'the dispatcher says that the queue has no executors' },
  );
  const { scheduled = 0, queued = 0 } = await statusOf(stuck);
  expect(scheduled + queued).toBe(1_000);
  expect(queued).toBeGreaterThan(0);
  const { usedBytes } = await queueDepths(world.connection, plainBroker).streamUse();
  expect(usedBytes).toBeLessThan(STREAM_BYTES / 2);

  const retry = { maxAttempts: 1, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
  const overdue = await world.scheduleFor('bob', 0, { queue: 'apart', timeoutMs: 500, retry });
  await world.untilStory(overdue, 'JobDispatched');
  await world.attempts.claim({ jobId: overdue, attempt: 1, revision: 1n, executorId: 'vanished' });
  await world.untilStory(overdue, 'JobFailed');

  // cancelled while they wait: no message of theirs is there, and none will be
  const { rows } = await world.readModel.db.raw<{ rows: readonly { job_id: string }[] }>(
    `select job_id from jobs where queue = 'defualt' and status = 'scheduled' limit 300`,
  );
  const context = { actor: { kind: 'user', id: 'ada' } as const, correlationId: 'test' };
  const cancelled = new Set(rows.map(({ job_id }) => job_id));
  for (const jobId of cancelled) await world.jobs.cancel(jobId, undefined, context);

  starts = [];
  world.run(world.executor({ handlers, queueName: 'defualt' }));
  await until(() => starts.length === 1_000 - cancelled.size);
  expect(new Set(starts.map(({ jobId }) => jobId)).size).toBe(1_000 - cancelled.size);
  expect(starts.some(({ jobId }) => cancelled.has(jobId))).toBe(false);
  await until(async () => (await heldBack()).length === 0);
});

test('a broker that is full gives the places of refused messages back, and they go out when there is room', async () => {
  const refused = new Set<string>();
  const real = world.messages;
  let isFull = true;
  const messages = {
    ...real,
    publish: async (...[queue, jobId, ...rest]: Parameters<typeof real.publish>) => {
      if (!isFull) {
        await real.publish(queue, jobId, ...rest);
        return;
      }
      refused.add(jobId);
      throw new Error('no room');
    },
    isForWantOfRoom: (error: unknown) => error instanceof Error && error.message === 'no room',
  };
  world.run(world.executor({ handlers }));
  world.run(world.dispatcher({ messages, settings: { maxInFlight: 4 } }));
  const jobs = await scheduleMany(20, 'ada', Date.now());
  await until(() => refused.size >= 4);
  await until(async () => (await heldBack()).some(({ reason }) => reason !== 'owner-turn'));
  expect(refused.size).toBeLessThan(20); // nobody goes past them
  isFull = false;
  for (const jobId of jobs)
    expect(await world.untilStory(jobId, 'JobSucceeded')).toEqual([
      'JobScheduled',
      'JobDispatched',
      'JobStarted',
      'JobSucceeded',
    ]);
});

/** In the long rounds as many as the promise has. */
const BURST = isLong ? 100_000 : 10_000;

test(`with ${BURST} jobs of one owner due at an instant, a job of another due then is among the first`, async () => {
  // in the gate they are due already; in the long rounds all wait for that instant, and the other has a second
  const dueAt = isLong ? Date.now() + 90_000 : Date.now() - 500_000;
  await scheduleMany(BURST, 'ada', dueAt);
  await scheduleFor('bob', dueAt);
  await untilProjected(BURST + 1);
  if (isLong) expect(Date.now()).toBeLessThan(dueAt - 5_000);
  let bobStartedAt = Infinity;
  const timed = {
    print: (job: RunnableJob) => {
      if (ownerOf(job) === 'bob') bobStartedAt = Date.now();
      return handlers.print(job);
    },
  };
  world.run(world.executor({ handlers: timed, settings: { concurrency: 1_000 } }));
  world.run(world.dispatcher());
  await until(() => starts.some((job) => ownerOf(job) === 'bob'), { timeoutMs: 150_000 });
  expect(starts.findIndex((job) => ownerOf(job) === 'bob')).toBeLessThan(5_000);
  // on a machine that has nothing else to do
  if (isLong) expect(bobStartedAt - dueAt).toBeLessThan(1_000);
}, 300_000);

describe('limits that operators set', () => {
  const limits = (changes: Partial<LimitsInForce>) =>
    fixedLimits({
      limitsOfQueue: () => ({}),
      limitsOfOwner: () => ({ weight: 1 }),
      countsRunning: () => true,
      ...changes,
    });
  let running: Map<string, number>;
  let most: Map<string, number>;
  let release: (() => void)[];
  const slow = {
    print: async (job: RunnableJob) => {
      starts.push(job);
      const now = (running.get(job.ownerId) ?? 0) + 1;
      running.set(job.ownerId, now);
      most.set(job.ownerId, Math.max(most.get(job.ownerId) ?? 0, now));
      await new Promise<void>((resolve) => release.push(resolve));
      running.set(job.ownerId, (running.get(job.ownerId) ?? 0) - 1);
      return { status: 'succeeded' as const };
    },
  };
  beforeEach(() => {
    running = new Map();
    most = new Map();
    release = [];
  });
  const releaseAll = (): void => {
    for (const go of release.splice(0)) go();
  };

  test('an owner runs no more jobs at once than his cap, and others are not held up by it', async () => {
    world.run(world.executor({ handlers: slow }));
    const limitsOfOwner = (ownerId: string) =>
      ownerId === 'ada' ? { weight: 1, maxRunning: 5 } : { weight: 1 };
    world.run(world.dispatcher({ limits: limits({ limitsOfOwner }) }));
    await scheduleMany(30, 'ada', Date.now());
    await scheduleMany(30, 'bob', Date.now());
    await until(() => most.get('bob') === 30);
    await until(async () =>
      (await heldBack()).some(
        ({ owner_id, reason }) => owner_id === 'ada' && reason === 'owner-running',
      ),
    );
    await until(() => {
      releaseAll();
      return starts.length === 60;
    });
    expect(most.get('ada')).toBe(5);
    await until(() => {
      releaseAll();
      return [...running.values()].every((left) => left === 0);
    });
  });

  test('a queue runs no more than its cap, all owners together', async () => {
    world.run(world.executor({ handlers: slow }));
    await scheduleMany(6, 'ada', Date.now());
    await scheduleMany(6, 'bob', Date.now());
    await untilProjected(12); // all are there when the first is taken
    world.run(world.dispatcher({ limits: limits({ limitsOfQueue: () => ({ maxRunning: 4 }) }) }));
    let together = 0;
    await until(() => {
      together = Math.max(together, release.length);
      if (together === 4) releaseAll();
      return starts.length >= 8;
    });
    expect(together).toBe(4);
    expect(starts.slice(0, 4).map(ownerOf).sort()).toEqual(['ada', 'ada', 'bob', 'bob']);
    await until(() => {
      releaseAll();
      return starts.length === 12 && release.length === 0;
    });
  });
});
