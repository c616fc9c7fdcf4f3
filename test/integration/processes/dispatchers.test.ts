import { AppendOutcomeUnknown, EventLogUnavailable } from '../../../domain/event-log';
import { shardLeases } from '../../../infra/postgres/shard-leases';
import { until } from '../../support/until';
import { context, createWorld, type World } from './world';

let world: World;

beforeAll(async () => {
  world = await createWorld();
  world.run(world.projector());
});
afterAll(async () => {
  await world.dispose();
});

const fast = { leaseEveryMs: 100, leaseTtlMs: 600 };

const holders = async (): Promise<Readonly<Record<string, number>>> => {
  const leases = await shardLeases(world.readModel.db).read(fast.leaseTtlMs);
  const counts: Record<string, number> = {};
  for (const { holder, isLive } of leases)
    if (isLive && holder !== null) counts[holder] = (counts[holder] ?? 0) + 1;
  return counts;
};
const shares = async (): Promise<readonly number[]> =>
  Object.values(await holders()).sort((a, b) => a - b);

const dispatchesOf = async (jobId: string): Promise<number> =>
  (await world.story(jobId)).filter((type) => type === 'JobDispatched').length;

test('dispatchers share the shards, and a newcomer takes its share from who has more', async () => {
  const first = world.run(world.dispatcher({ settings: fast }));
  await until(async () => (await shares()).join() === '256', { what: 'the first has all' });
  const second = world.run(world.dispatcher({ settings: fast }));
  await until(async () => (await shares()).join() === '128,128', { what: 'two have half' });
  const third = world.run(world.dispatcher({ settings: fast }));
  await until(async () => (await shares()).join() === '85,85,86', { what: 'three have a third' });
  await Promise.all([second.stop(), third.stop()]);
  await until(async () => (await shares()).join() === '256', { what: 'the first has all again' });
  await first.stop();
  expect(await holders()).toEqual({});
});

test('when a dispatcher dies with its leases, another takes its jobs over once they expire', async () => {
  const leases = shardLeases(world.readModel.db);
  const mortal = { ...leases, release: () => Promise.resolve() }; // as kill -9: nothing is released
  const dying = world.run(world.dispatcher({ settings: fast, leases: mortal }));
  await until(async () => (await shares()).join() === '256');
  await dying.stop();
  const jobs = await Promise.all(Array.from({ length: 20 }, () => world.schedule(0)));
  const survivor = world.run(world.dispatcher({ settings: fast }));
  for (const jobId of jobs) await world.untilStory(jobId, 'JobDispatched');
  await survivor.stop();
});

test("leases of a time to come are nobody's: the clock was set back, and whoever made them may be dead", async () => {
  await world.readModel.db.raw(
    `update slot_leases set holder = 'dead', expires_at = now() + interval '1 hour'`,
  );
  const jobId = await world.schedule(0);
  const survivor = world.run(world.dispatcher({ settings: fast }));
  await world.untilStory(jobId, 'JobDispatched');
  await survivor.stop();
});

test('two dispatchers on the same shards are wasteful, not wrong: each job is dispatched once, its message stored once', async () => {
  const leases = shardLeases(world.readModel.db);
  const all = Array.from({ length: 256 }, (_, shard) => shard);
  const greedy = { ...leases, hold: () => Promise.resolve(all) };
  const both = [1, 2].map(() => world.run(world.dispatcher({ settings: fast, leases: greedy })));
  const jobs = await Promise.all(Array.from({ length: 50 }, () => world.schedule(200)));
  for (const jobId of jobs) await world.untilStory(jobId, 'JobDispatched');
  await until(async () => {
    const stored = await Promise.all(jobs.map((id) => world.messages.isStored('default', id)));
    return stored.every(Boolean);
  });
  await Promise.all(both.map(({ stop }) => stop()));
  expect(await Promise.all(jobs.map(dispatchesOf))).toEqual(jobs.map(() => 1));
});

test('a log that is away or leaves us in doubt delays a dispatch, but neither loses nor doubles it', async () => {
  const failures = [
    () => Promise.reject(new EventLogUnavailable('away')),
    async (job: Parameters<typeof world.attempts.dispatch>[0]) => {
      await world.attempts.dispatch(job);
      throw new AppendOutcomeUnknown('the answer got lost');
    },
  ];
  const running = world.run(
    world.dispatcher({
      settings: fast,
      commands: {
        ...world.attempts,
        dispatch: (job) => (failures.shift() ?? world.attempts.dispatch)(job),
      },
    }),
  );
  const jobId = await world.schedule(0);
  await until(() => world.messages.isStored('default', jobId));
  expect(await world.story(jobId)).toEqual(['JobScheduled', 'JobDispatched']);
  expect(failures).toHaveLength(0);
  await running.stop();
});

test('a broker that is down holds messages back, and they go out when it returns', async () => {
  const running = world.run(world.dispatcher({ settings: fast }));
  await until(async () => (await shares()).join() === '256');
  await world.nats.kill();
  const jobId = await world.schedule(0);
  await world.untilStory(jobId, 'JobDispatched');
  await world.nats.start();
  await until(() => world.messages.isStored('default', jobId));
  await running.stop();
});

test('a row that a change has overtaken is dropped, not published', async () => {
  const stale = world.counts.of('stale');
  const running = world.run(
    world.dispatcher({
      settings: fast,
      commands: {
        ...world.attempts,
        dispatch: async (job) => {
          await world.jobs.cancel(job.jobId, undefined, context);
          return await world.attempts.dispatch(job);
        },
      },
    }),
  );
  const jobId = await world.schedule(0);
  await until(() => world.counts.of('stale') > stale);
  await running.stop();
  expect(await world.messages.isStored('default', jobId)).toBe(false);
});
