import { join } from 'node:path';
import { startNats } from '../../../../embedded/nats';
import { connectBroker } from '../../../../infra/nats/connection';
import { jobDueMessages } from '../../../../infra/nats/due-messages';
import { dueQueue } from '../../../../infra/nats/due-queue';
import { watchJetStream } from '../../../../infra/nats/jetstream-watch';
import { JETSTREAM_SILENT } from '../../../../infra/nats/silence';
import { resources } from '../../../../processes/runtime/resources';
import { plainBroker } from '../../../support/names';
import { startNatsServer } from '../../../support/nats-server';
import { canMount, smallDisk } from '../../../support/small-disk';
import { until } from '../../../support/until';

const opened = resources();
afterEach(() => opened.close());

const watched = async (url: string) => {
  const broker = opened.own(await connectBroker({ url, name: 'test' }), ({ close }) => close());
  const said: string[] = [];
  const stop = watchJetStream({
    broker,
    names: plainBroker,
    onSilence: ({ message }) => said.push(message),
    onAnswer: () => said.push('answers'),
    everyMs: 200,
  });
  opened.own(stop, (end) => end());
  return { broker, said };
};

test('a server without JetStream answers pings all the same, and is told of', async () => {
  const server = opened.own(await startNatsServer('', { jetStream: false }), ({ dispose }) =>
    dispose(),
  );
  const { broker, said } = await watched(`nats://127.0.0.1:${server.port}`);
  await until(() => said.length > 0);
  await broker.connection.flush();
  expect(said[0]).toBe(JETSTREAM_SILENT);
});

test('a broker that is away, or has no stream yet, has no silent JetStream: those who follow the connection say so', async () => {
  const server = opened.own(await startNatsServer(''), ({ dispose }) => dispose());
  const { broker, said } = await watched(`nats://127.0.0.1:${server.port}`);
  await server.kill();
  await until(() => !broker.isConnected());
  await server.start();
  await until(broker.isConnected);
  const manager = await broker.connection.jetstreamManager();
  expect(await manager.streams.list().next()).toEqual([]);
  expect(said).toEqual([]);
});

(canMount ? test : test.skip)(
  'a broker that cannot write refuses, by a word that is none of a stream that has its fill: waiting for room does not help',
  async () => {
    const disk = opened.own(await smallDisk('nats', 4), ({ dispose }) => dispose());
    const server = await startNats({ storeDir: join(disk.path, 'store') });
    opened.own(undefined, () => process.kill(server.pid, 'SIGKILL'));
    const { broker } = await watched(server.url);
    const messages = jobDueMessages(broker.connection, plainBroker, {
      ...{ maxBytes: 1_000_000, replicas: 1, systemId: undefined },
      publishTimeoutMs: 5_000,
    });
    await messages.incarnation();
    await disk.fill(); // the stream is empty: its first write fails before anything is locked
    const error: unknown = await messages
      .publish('default', 'job-1', 'id-1', 'x'.repeat(9_000))
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ reason: 'cannot-store' });
    expect(messages.isForWantOfRoom(error)).toBe(false);
    expect(messages.hopelessness(error)).toBeUndefined();
  },
);

(canMount ? test : test.skip)(
  'a stream that counts anew after a full disk is delivered all the same: its consumer is made again',
  async () => {
    const disk = opened.own(await smallDisk('nats', 4), ({ dispose }) => dispose());
    const storeDir = join(disk.path, 'store');
    let server = await startNats({ storeDir });
    opened.own(undefined, () => process.kill(server.pid, 'SIGKILL'));
    const { broker } = await watched(server.url);
    const settings = { maxBytes: 1_000_000, replicas: 1, systemId: undefined };
    const messages = jobDueMessages(broker.connection, plainBroker, {
      ...settings,
      publishTimeoutMs: 5_000,
    });
    const queue = dueQueue({
      ...{ broker, names: plainBroker, queue: 'default' },
      ensureStream: messages.incarnation,
    });
    const take = (count: number): Promise<string> => {
      const pull = queue.pull(count, 30_000, (message) => message.ack());
      return pull.ended;
    };
    const publish = (name: string) => messages.publish('default', name, name, 'x'.repeat(9_000));
    await queue.ensure();
    for (const name of ['a', 'b', 'c']) await publish(name);
    expect(await take(3)).toBe('filled');
    await until(async () => !(await messages.isStored('default', 'c')), { what: 'it is empty' });
    await disk.fill();
    await expect(publish('d')).rejects.toMatchObject({ reason: 'cannot-store' });

    await disk.free();
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    server = await startNats({ storeDir, port: server.port });
    await until(broker.isConnected);
    await publish('d');
    await queue.ensure();
    expect(await take(1)).toBe('filled');
  },
);

(canMount ? test : test.skip)(
  'a full disk stops JetStream without a word of it: it is told of until the broker was started again with room',
  async () => {
    const disk = opened.own(await smallDisk('nats', 4), ({ dispose }) => dispose());
    const storeDir = join(disk.path, 'store');
    let server = await startNats({ storeDir });
    opened.own(undefined, () => process.kill(server.pid, 'SIGKILL'));
    const { broker, said } = await watched(server.url);
    const messages = jobDueMessages(broker.connection, plainBroker, {
      ...{ maxBytes: 1_000_000, replicas: 1, systemId: undefined },
      publishTimeoutMs: 5_000,
    });
    await messages.incarnation();
    const publish = (n: number) =>
      messages.publish('default', `job-${n}`, `id-${n}`, 'x'.repeat(2_000));
    await publish(0);
    await disk.fill();
    let stored = 0;
    await expect(
      (async () => {
        for (let n = 1; n < 20; n++) {
          await publish(n);
          stored = n;
        }
      })(),
    ).rejects.toThrow(JETSTREAM_SILENT);
    await until(() => said.length > 0);
    expect(said[0]).toBe(JETSTREAM_SILENT);

    await disk.free();
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    server = await startNats({ storeDir, port: server.port });
    await until(() => said.at(-1) === 'answers');
    for (let n = 0; n <= stored; n++)
      expect(await messages.isStored('default', `job-${n}`)).toBe(true);
  },
);
