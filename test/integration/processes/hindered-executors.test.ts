import { connectBroker, type Broker } from '../../../infra/nats/connection';
import { dueQueue } from '../../../infra/nats/due-queue';
import { natsRequests } from '../../../infra/nats/requests';
import { exclusively } from '../../../infra/postgres/advisory-lock';
import { queueWatch } from '../../../processes/dispatching/queue-watch';
import { servedQueues } from '../../../processes/health/readiness';
import { watchedVitals } from '../../../processes/health/vitals';
import { queueStates } from '../../../projections/queries/queues';
import { unservedQueues } from '../../../projections/queries/rescuing/unserved-queues';
import { plainBroker } from '../../support/names';
import { startNatsServer, type NatsServer } from '../../support/nats-server';
import { silentLogger } from '../../support/processes';
import { until } from '../../support/until';
import { createWorld, type World } from './world';

const PULL = '$JS.API.CONSUMER.MSG.NEXT.JOBS_DUE.queue-default';
const rights = `"executor.>", "$JS.API.STREAM.INFO.JOBS_DUE", "$JS.API.CONSUMER.INFO.JOBS_DUE.*",
  "$JS.API.CONSUMER.CREATE.JOBS_DUE.>", "$JS.ACK.JOBS_DUE.>"`;
const configOf = (executorMay: string): string => `accounts { A { jetstream: enabled, users: [
  { user: world, password: pw }
  { user: executor, password: pw, permissions { publish: [${executorMay}], subscribe: ["_INBOX.>"] } }
] } }`;

let server: NatsServer;
let world: World;
let broker: Broker;

beforeAll(async () => {
  server = await startNatsServer(configOf(`${rights}, "${PULL}"`));
  const { port } = server;
  const unused = (): never => {
    throw new Error('this test does not use it');
  };
  world = await createWorld({
    startBroker: () =>
      Promise.resolve({
        url: `nats://world:pw@127.0.0.1:${port}`,
        port,
        dispose: server.dispose,
        ...{ kill: unused, pause: unused, resume: unused, start: unused, loseStore: unused },
      }),
  });
  broker = await connectBroker({ url: `nats://executor:pw@127.0.0.1:${port}`, name: 'executor' });
});
afterAll(async () => {
  await world.dispose();
  await broker.close();
});

test('an executor that lost the right to pull beats on and says so: its queue is one that nobody serves, with the reason, until the right is back', async () => {
  const { db } = world.readModel;
  const queues = unservedQueues(db);
  const lines: object[] = [];
  const vitals = watchedVitals({
    process: 'executor',
    logger: silentLogger,
    observe: () => undefined,
  });
  const lock = { url: world.readModel.url, applicationName: 'test' };
  const executor = world.executor({
    handlers: { print: () => Promise.resolve({ status: 'succeeded' }) },
    queue: dueQueue({
      broker,
      names: plainBroker,
      queue: 'default',
      ensureStream: () => Promise.resolve(),
    }),
    ask: natsRequests(broker.connection).ask,
    vitals,
    settings: { heartbeatEveryMs: 300, pullExpiresMs: 4_000 },
  });
  for (const process of [world.projector(), world.dispatcher(), world.gateway(), executor])
    world.run(process);
  world.run(
    queueWatch({
      queues,
      exclusively: exclusively(lock, 'queue-watch'),
      draw: Math.random,
      logger: { ...silentLogger, warn: (details) => void lines.push(details) },
      metrics: { unserved: () => undefined, unservedJobs: () => undefined },
      settings: { everyMs: 100, unservedMs: 1_500 },
    }),
  );
  const look = () => servedQueues(queues).look();
  const executors = async () => (await queueStates(db, 15_000).list(10)).queues[0]?.executors;
  await world.untilStory(await world.schedule(0), 'JobSucceeded');

  await server.reconfigure(configOf(rights));
  await until(() => vitals.look().hindrances.length > 0, {
    what: 'the executor knows',
  });
  const waiting = await world.schedule(0);
  const warned = await until(
    async () => {
      const seen = await look();
      return seen.status === 'ok' ? undefined : seen;
    },
    { what: 'the queue counts as not served' },
  );
  const why = `no right to publish to ${PULL}`;
  expect(warned).toMatchObject({
    status: 'warn',
    detail: { count: 1, queues: [{ queue: 'default', jobs: 1, why }] },
  });
  await until(() => lines.length > 0, { what: 'the log tells of it' });
  expect(lines).toContainEqual(expect.objectContaining({ queue: 'default', jobs: 1, why }));
  expect(vitals.look().hindrances).toEqual([{ server: 'broker', reason: why }]);
  await until(async () => (await executors()) === 0, { what: 'no executor counts' });
  expect(await world.story(waiting)).toEqual(['JobScheduled', 'JobDispatched']);

  await server.reconfigure(configOf(`${rights}, "${PULL}"`));
  await world.untilStory(waiting, 'JobSucceeded');
  await until(async () => (await look()).status === 'ok', { what: 'the queue is served again' });
  await until(() => vitals.look().hindrances.length === 0);
  await until(async () => (await executors()) === 1, { what: 'the executor counts again' });
});
