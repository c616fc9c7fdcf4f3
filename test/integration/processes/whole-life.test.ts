import type { RunnableJob } from '../../../processes/executing/ports';
import { createWorld, context, type World } from './world';

let world: World;
const ran: RunnableJob[] = [];
const handlers = {
  print: (job: RunnableJob) => {
    ran.push(job);
    return Promise.resolve({ status: 'succeeded' as const, result: { at: job.attempt } });
  },
};

beforeAll(async () => {
  world = await createWorld();
  world.run(world.projector());
  world.run(world.dispatcher());
  world.run(world.gateway());
  world.run(world.executor({ handlers }));
});
afterAll(async () => {
  await world.dispose();
});

test('a job due now goes through log, broker and executor to its success', async () => {
  const jobId = await world.schedule(0);
  expect(await world.untilStory(jobId, 'JobSucceeded')).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobStarted',
    'JobSucceeded',
  ]);
});

test('rescheduling to an earlier time wakes a dispatcher that sleeps until the old one', async () => {
  const jobId = await world.schedule(3_600_000);
  await world.jobs.reschedule(jobId, Date.now() + 100, undefined, context);
  const story = await world.untilStory(jobId, 'JobSucceeded');
  expect(story).toContain('JobRescheduled');
});

test('a cancelled job is never dispatched although its row was prefetched', async () => {
  const cancelled = await world.schedule(500);
  const control = await world.schedule(600);
  await world.jobs.cancel(cancelled, undefined, context);
  await world.untilStory(control, 'JobSucceeded');
  expect(await world.story(cancelled)).toEqual(['JobScheduled', 'JobCancelled']);
});

test('nothing of 1,000 jobs due at one instant is early, lost or run twice', async () => {
  const ids = await Promise.all(Array.from({ length: 1_000 }, () => world.schedule(300)));
  // one after the other: a thousand that poll at once would take the processor from those they wait for
  for (const jobId of ids) await world.untilStory(jobId, 'JobSucceeded');
  const runs = ran.filter(({ jobId }) => ids.includes(jobId));
  expect(runs).toHaveLength(1_000);
  const early = [];
  for (const jobId of ids) {
    const [scheduled, dispatched] = await world.log.read(`job-${jobId}`);
    const { dueAt } = scheduled?.data as { dueAt: string };
    const { at } = dispatched?.metadata as { at: string };
    if (at < dueAt) early.push(jobId);
  }
  expect(early).toEqual([]);
  expect(world.counts.of('stale')).toBe(0);
});
