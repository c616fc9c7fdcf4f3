import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { jobDueMessages } from '../../../../infra/nats/due-messages';
import { dueQueue } from '../../../../infra/nats/due-queue';
import { dueStock } from '../../../../infra/nats/due-stock';
import { consumerName } from '../../../../infra/nats/names';
import { ensureDueStream } from '../../../../infra/nats/topology';
import { prefetch } from '../../../../processes/executing/prefetch';
import { retrying } from '../../../../processes/runtime/backoff';
import { silentLogger } from '../../../support/processes';
import {
  standstillLimitMs,
  startNatsCluster,
  type NatsCluster,
} from '../../../support/nats-cluster';
import { startNatsServer } from '../../../support/nats-server';
import { until } from '../../../support/until';
import { plainBroker } from '../../../support/names';

const settings = { maxBytes: 64 * 1_024 ** 2 };

const streamOf = async ({ connection }: Broker) => {
  const manager = await connection.jetstreamManager();
  return await manager.streams.info(plainBroker.stream);
};

describe('of three servers', () => {
  let cluster: NatsCluster;
  let broker: Broker;

  beforeEach(async () => {
    cluster = await startNatsCluster();
    broker = await connectBroker({ url: cluster.url, name: 'replicas-test' });
  });
  afterEach(async () => {
    await broker.close();
    await cluster.dispose();
  });

  /** Takes all messages of the queue until it is stopped, as an executor does. */
  const consume = (onJob: (text: string) => void) => {
    const stopping = new AbortController();
    const queue = dueQueue({
      broker,
      names: plainBroker,
      queue: 'default',
      ensureStream: () => ensureDueStream(broker.connection, plainBroker, settings),
      ackWaitMs: 2_000,
    });
    const pulls = prefetch({
      queue,
      wanted: () => 50,
      onMessage: ({ data, ack }) => {
        ack();
        onJob(new TextDecoder().decode(data));
        pulls.update();
      },
      quantum: 10,
      expiresMs: 10_000,
      draw: Math.random,
      logger: silentLogger,
    });
    const ended = pulls.run(stopping.signal);
    return async () => {
      stopping.abort();
      await ended;
    };
  };

  test('the server that leads the stream dies for good: no job is lost, and all go on as soon as there is another leader', async () => {
    // servers that were slow to answer make one copy at first, and two more the next time
    await until(async () => {
      await ensureDueStream(broker.connection, plainBroker, settings);
      return (await streamOf(broker)).config.num_replicas === 3;
    });
    const messages = jobDueMessages(broker.connection, plainBroker, settings);
    const stock = dueStock(broker.connection, plainBroker, settings);
    const done = new Map<string, number>();
    // one whose ack went down with the server comes again
    const stop = consume((job) => done.set(job, done.get(job) ?? performance.now()));
    await until(() => streamOf(broker).then(({ state }) => state.consumer_count === 1));

    const publish = (n: number): Promise<void> =>
      retrying(() => messages.publish('default', `job-${n}`, `job-${n}/1/1`, `job-${n}`), {
        signal: AbortSignal.timeout(120_000),
        draw: Math.random,
        policy: { baseMs: 50, capMs: 500 },
      });
    const sent: Promise<void>[] = [];
    let killedAtMs = Infinity;
    let killing: Promise<number> | undefined;
    const kill = async (): Promise<number> => {
      const leader = await cluster.leaderOf(plainBroker.stream);
      killedAtMs = performance.now();
      await leader.kill();
      return await cluster.ledAgainAtMs(plainBroker.stream, consumerName('default'));
    };
    for (let n = 0; n < 300; n++) {
      if (n === 100) killing = kill();
      sent.push(publish(n));
      if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const electedMs = ((await killing) ?? Infinity) - killedAtMs;
    await Promise.all(sent);
    await until(() => done.size === 300, { what: 'all jobs are done' });
    const goesOnMs = Math.max(...done.values()) - killedAtMs;
    expect(goesOnMs).toBeLessThan(standstillLimitMs(electedMs));
    await until(() => stock.state().then(({ messages: left }) => left === 0));
    await stop();
  });

  test('a stream that was made with one copy gets three, and its consumers with it', async () => {
    await ensureDueStream(broker.connection, plainBroker, { ...settings, replicas: 1 });
    const ensureStream = () =>
      ensureDueStream(broker.connection, plainBroker, { ...settings, replicas: 1 });
    await dueQueue({ broker, names: plainBroker, queue: 'default', ensureStream }).ensure();
    await broker.connection.jetstream().publish('jobs.due.default.j1', 'kept');
    expect((await streamOf(broker)).config.num_replicas).toBe(1);

    await ensureDueStream(broker.connection, plainBroker, settings);
    const manager = await broker.connection.jetstreamManager();
    const copiesOf = (cluster?: { leader?: string; replicas?: readonly { current: boolean }[] }) =>
      cluster?.leader === undefined
        ? 0
        : 1 + (cluster.replicas?.filter((r) => r.current).length ?? 0);
    await until(async () => copiesOf((await streamOf(broker)).cluster) === 3);
    await until(
      async () =>
        copiesOf(
          (await manager.consumers.info(plainBroker.stream, consumerName('default'))).cluster,
        ) === 3,
    );
    expect((await streamOf(broker)).state.messages).toBe(1);
  });
});

test('a server alone gets one copy, whatever is asked for: it would take three and keep one', async () => {
  const server = await startNatsServer('');
  const broker = await connectBroker({ url: `nats://127.0.0.1:${server.port}`, name: 'alone' });
  await ensureDueStream(broker.connection, plainBroker, { ...settings, replicas: 1 });
  await ensureDueStream(broker.connection, plainBroker, { ...settings, replicas: 3 });
  expect((await streamOf(broker)).config.num_replicas).toBe(1);
  await broker.close();
  await server.dispose();
});

test('a pull that waits is not taken for dead: the broker says that it is there', async () => {
  const server = await startNatsServer('');
  const broker = await connectBroker({ url: `nats://127.0.0.1:${server.port}`, name: 'idle' });
  const ensureStream = () => ensureDueStream(broker.connection, plainBroker, settings);
  const queue = dueQueue({ broker, names: plainBroker, queue: 'default', ensureStream });
  await queue.ensure();
  expect(await queue.pull(1, 5_000, () => undefined).ended).toBe('expired');
  const silent = queue.pull(1, 10_000, () => undefined);
  await broker.connection.flush();
  const sinceMs = performance.now();
  server.signal('SIGSTOP');
  expect(await silent.ended).toBe('gone');
  expect(performance.now() - sinceMs).toBeLessThan(9_500); // and not when the pull is over
  server.signal('SIGCONT');
  await broker.close();
  await server.dispose();
});
