import type { Process } from '../../../processes/runtime/process';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

let world: World;

beforeAll(async () => {
  world = await createWorld();
  world.run(world.projector());
});
afterAll(async () => {
  await world.dispose();
});

const handlers = { print: () => Promise.resolve({ status: 'succeeded' as const }) };

/** Every process keeps the same promises about its end. */
const makers: readonly (readonly [string, () => Process])[] = [
  ['dispatcher', () => world.dispatcher()],
  ['executor-gateway', () => world.gateway()],
  ['executor', () => world.executor({ handlers })],
  ['rescuer', () => world.rescuer()],
];

test.each(makers)('%s ends at once when it is stopped before it starts', async (_name, make) => {
  await expect(make().run(AbortSignal.abort())).resolves.toBeUndefined();
});

test.each(makers)('%s may be stopped twice, and run again afterwards', async (_name, make) => {
  const process = make();
  for (let round = 0; round < 2; round++) {
    const controller = new AbortController();
    const ended = process.run(controller.signal);
    controller.abort();
    controller.abort();
    await expect(ended).resolves.toBeUndefined();
  }
});

test.each(makers)(
  '%s leaves no job behind when it is stopped in the midst of work',
  async (name, make) => {
    const others = makers
      .filter(([other]) => other !== name)
      .map(([, makeOther]) => world.run(makeOther()));
    const stopped = world.run(make());
    const jobs = await Promise.all(Array.from({ length: 200 }, () => world.schedule(100)));
    await until(async () => (await Promise.all(jobs.map(world.story))).some((s) => s.length > 1), {
      what: 'work is under way',
    });
    await stopped.stop();
    const successor = world.run(make());
    await Promise.all(jobs.map((jobId) => world.untilStory(jobId, 'JobSucceeded')));
    await Promise.all([successor, ...others].map(({ stop }) => stop()));
    for (const story of await Promise.all(jobs.map(world.story)))
      expect(story).toEqual(['JobScheduled', 'JobDispatched', 'JobStarted', 'JobSucceeded']);
  },
);
