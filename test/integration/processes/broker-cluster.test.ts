import { consumerName } from '../../../infra/nats/names';
import { standstillLimitMs, startNatsCluster, type NatsCluster } from '../../support/nats-cluster';
import type { TestNats } from '../../support/nats';
import { until } from '../../support/until';
import { createWorld, type World } from './world';
import { plainBroker } from '../../support/names';

let world: World;
let cluster: NatsCluster;
afterEach(() => world.dispose());

/** Three servers as one; killed is the one that leads the stream, for good. */
const startCluster = async (): Promise<TestNats> => {
  cluster = await startNatsCluster();
  const { url, leaderOf, dispose } = cluster;
  return {
    url,
    dispose,
    port: 0,
    kill: async () => await (await leaderOf(plainBroker.stream)).kill(),
    pause: () => undefined,
    resume: () => undefined,
    start: () => Promise.resolve(),
    loseStore: () => Promise.resolve(),
  };
};

test('the broker that leads the stream dies for good in the middle of a load: every job runs once, as soon as there is another leader', async () => {
  world = await createWorld({ startBroker: startCluster });
  const ranAtMs = new Map<string, number[]>();
  world.run(world.projector());
  world.run(world.gateway());
  world.run(
    world.executor({
      handlers: {
        print: ({ jobId }) => {
          ranAtMs.set(jobId, [...(ranAtMs.get(jobId) ?? []), performance.now()]);
          return Promise.resolve({ status: 'succeeded' });
        },
      },
    }),
  );
  world.run(world.dispatcher());
  const first = await world.schedule(0, { location: 'print:' });
  await world.untilStory(first, 'JobSucceeded');

  const ids = await Promise.all(
    Array.from({ length: 200 }, (_, n) => world.schedule(500 + n * 10, { location: 'print:' })),
  );
  await until(() => ranAtMs.size > 50, { what: 'the load is under way' });
  const killedAtMs = performance.now();
  await world.nats.kill();
  const electedAtMs = cluster.ledAgainAtMs(plainBroker.stream, consumerName('default'));
  await until(() => ids.every((id) => ranAtMs.has(id)), {
    what: 'all have run',
  });
  const last = Math.max(...[...ranAtMs.values()].flat());
  const electedMs = (await electedAtMs) - killedAtMs;
  expect(last - killedAtMs).toBeLessThan(standstillLimitMs(electedMs));
  for (const id of ids) await world.untilStory(id, 'JobSucceeded');
  expect([...ranAtMs.values()].every((times) => times.length === 1)).toBe(true);
});
