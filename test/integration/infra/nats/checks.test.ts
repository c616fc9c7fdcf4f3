import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AckPolicy, RetentionPolicy } from 'nats';
import type { BrokerNeeds } from '../../../../infra/nats/broker-needs';
import { brokerChecks } from '../../../../infra/nats/checks';
import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { dueQueue } from '../../../../infra/nats/due-queue';
import { natsRequests } from '../../../../infra/nats/requests';
import { ensureDueStream } from '../../../../infra/nats/topology';
import type { Verdict } from '../../../../infra/server-check';
import { startNatsServer, type NatsServer } from '../../../support/nats-server';
import { until } from '../../../support/until';
import { plainBroker } from '../../../support/names';

const stream = { maxBytes: 64 * 1_024 ** 2 };
const none: BrokerNeeds = { sends: false, tends: false, serves: false };
const all: BrokerNeeds = { sends: true, tends: true, serves: true, takes: 'default' };

let server: NatsServer;
const brokers: Broker[] = [];

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  await server.dispose();
});

const connectAs = async (user?: string, more: object = {}): Promise<Broker> => {
  const login = user === undefined ? '' : `${user}:change-me@`;
  const url = `nats://${login}127.0.0.1:${server.port}`;
  const broker = await connectBroker({ url, name: 'checks-test', ...more });
  brokers.push(broker);
  return broker;
};

/** What is not as it was asked for, by the name of its check. */
const findings = async (
  { connection }: Broker,
  needs: BrokerNeeds,
): Promise<Readonly<Record<string, Exclude<Verdict, { outcome: 'ok' }>>>> => {
  const found: Record<string, Exclude<Verdict, { outcome: 'ok' }>> = {};
  for (const { name, look } of brokerChecks({ connection, names: plainBroker, stream, needs })) {
    const verdict = await look();
    if (verdict.outcome !== 'ok') found[name] = verdict;
  }
  return found;
};

describe('with the rights that docs/operations.md lists', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/operations.md'), 'utf8');
  const snippet = /```nats\n([^]*?)```/.exec(page)?.[1] ?? '';
  const needsOf: Readonly<Record<string, BrokerNeeds>> = {
    rescuer: { ...none, tends: true },
    dispatcher: { ...none, sends: true },
    gateway: { ...none, serves: true },
    executor: { ...none, takes: 'default' },
  };

  test('each process finds all that it needs, and the others have no right to its work', async () => {
    server = await startNatsServer(snippet);
    for (const [user, needs] of Object.entries(needsOf))
      expect({ [user]: await findings(await connectAs(user), needs) }).toEqual({ [user]: {} });
    for (const [user, other] of [
      ['gateway', 'dispatcher'],
      ['dispatcher', 'rescuer'],
      ['executor', 'gateway'],
      ['dispatcher', 'executor'],
    ] as const) {
      const found = Object.values(await findings(await connectAs(user), needsOf[other] ?? none));
      expect([user, other, found[0]?.outcome]).toEqual([user, other, 'missing']);
    }
  });

  /** Those that are listed one by one; the last ones of each user make things, which are there already. */
  const rights = [...snippet.matchAll(/\{ user: (\w+)[^]*?\n {6}\} \}/g)].flatMap(([text, user]) =>
    [...text.matchAll(/"([^"]+)"/g)].map(([quoted, right]) => ({ text, user, quoted, right })),
  );
  const makers = /CREATE|UPDATE/;

  test.each(rights.filter(({ right = '', user }) => !makers.test(right) && user !== 'gateway'))(
    '$user without $right is told so',
    async ({ text, user = '', quoted, right = '' }) => {
      server = await startNatsServer(snippet);
      // what an administrator may have made
      await findings(await connectAs('rescuer'), needsOf['rescuer'] ?? none);
      await findings(await connectAs('executor'), needsOf['executor'] ?? none);
      await server.kill();
      await server.configure(snippet.replace(text, text.replace(quoted, '"other"')));
      await server.start();
      const found = Object.values(
        await findings(await connectAs(user), needsOf[user] ?? none).catch((error: unknown) => [
          error as Verdict & { outcome: 'missing' },
        ]),
      );
      const granted = right.replace(/\.(\*|>)(\.\*)?$/, '');
      expect(JSON.stringify(found)).toContain(granted);
      expect(found[0]).toMatchObject({ outcome: 'missing' });
    },
  );

  test('who may not make the stream, which nobody has made, is told so', async () => {
    server = await startNatsServer(
      snippet.replace(/"\$JS.API.STREAM.(CREATE|UPDATE).JOBS_DUE",?/g, ''),
    );
    const [found] = await findingsOfFirst(await connectAs('dispatcher'), {
      ...none,
      sends: true,
    });
    expect(found).toMatchObject({
      outcome: 'missing',
      found: `no right to publish to $JS.API.STREAM.CREATE.${plainBroker.stream}`,
    });
  });

  test('stream and consumer that an administrator has made are taken by those who may make neither', async () => {
    server = await startNatsServer(snippet);
    await findings(await connectAs('rescuer'), needsOf['rescuer'] ?? none);
    await findings(await connectAs('executor'), needsOf['executor'] ?? none);
    const withoutMakers = snippet.replace(/,\s*#[^\n]*\n\s*"\$JS\.API\.[^\]]*/g, '');
    expect(withoutMakers).not.toMatch(makers);
    await server.kill();
    await server.configure(withoutMakers);
    await server.start();
    for (const [user, needs] of Object.entries(needsOf))
      expect({ [user]: await findings(await connectAs(user), needs) }).toEqual({ [user]: {} });
  });

  test('a right that is lost while running is told, and its return as well', async () => {
    server = await startNatsServer(snippet);
    await findings(await connectAs('rescuer'), needsOf['rescuer'] ?? none);
    const signs: string[] = [];
    const broker = await connectAs('dispatcher', {
      onTrouble: ({ message }: Error) => signs.push(message),
      onCalm: () => signs.push('calm'),
      calmAfterMs: 500,
    });
    await server.reconfigure(snippet.replace('"jobs.due.*.*"', '"other"'));
    await until(
      () => {
        broker.connection.publish('jobs.due.default.j1', 'x');
        return signs.find((sign) => sign.includes('no right to publish to jobs.due.*.*'));
      },
      { what: 'the loss is told' },
    );
    const before = signs.length;
    await server.reconfigure(snippet);
    await until(() => signs.slice(before).includes('calm'), { what: 'the return is told' });
  });
});

test('a gateway whose right to listen is lost for a while is heard again afterwards', async () => {
  const config = (subject: string) =>
    `authorization { users: [
      { user: gateway, password: change-me, permissions { subscribe: ["${subject}"] } }
      { user: executor, password: change-me } ] }`;
  server = await startNatsServer(config('executor.claim'));
  const troubles: string[] = [];
  const gateway = await connectAs('gateway', {
    onTrouble: ({ message }: Error) => troubles.push(message),
  });
  const stop = natsRequests(gateway.connection).serve('executor.claim', undefined, () =>
    Promise.resolve('answered'),
  );
  const { ask } = natsRequests((await connectAs('executor')).connection);
  await until(() => ask('executor.claim', '{}', 1_000).then(() => true));

  await server.reconfigure(config('other'));
  await until(() =>
    troubles.find((one) => one.includes('no right to subscribe to executor.claim')),
  );
  await expect(ask('executor.claim', '{}', 1_000)).rejects.toThrow('503');
  await server.reconfigure(config('executor.claim'));
  await until(() => ask('executor.claim', '{}', 1_000).then(() => true));
  await stop();
});

test('nothing that is tried stays, and a second look finds the same', async () => {
  server = await startNatsServer('');
  const broker = await connectAs();
  expect(await findings(broker, all)).toEqual({});
  expect(await findings(broker, all)).toEqual({});
  const manager = await broker.connection.jetstreamManager();
  const { state } = await manager.streams.info(plainBroker.stream);
  expect([state.messages, state.last_seq, state.consumer_count]).toEqual([0, 0, 1]);
});

test('a server without JetStream, and an account without it, are told apart', async () => {
  server = await startNatsServer('', { jetStream: false });
  expect((await findingsOfFirst(await connectAs()))[0]).toMatchObject({
    outcome: 'missing',
    found: 'a server without JetStream',
  });
  await server.dispose();
  server = await startNatsServer(
    'accounts { A { users: [{ user: a, password: change-me }] }, B { jetstream: enabled } }',
  );
  expect((await findingsOfFirst(await connectAs('a')))[0]).toMatchObject({
    outcome: 'missing',
    found: 'JetStream not enabled for account (10039)',
  });
});

/** Stops at the first thing that is missing, as a start does. */
const findingsOfFirst = async (
  { connection }: Broker,
  needs = all,
): Promise<readonly Verdict[]> => {
  for (const { look } of brokerChecks({ connection, names: plainBroker, stream, needs })) {
    const verdict = await look();
    if (verdict.outcome !== 'ok') return [verdict];
  }
  return [];
};

test('a limit of unacknowledged messages below what is asked for is kept to, and told', async () => {
  server = await startNatsServer('', { jetStreamConfig: 'limits { max_ack_pending: 100 }' });
  const broker = await connectAs();
  expect(await findings(broker, all)).toMatchObject({
    'the consumer queue-default': { outcome: 'reduced', found: 'max_ack_pending 100 of 50000' },
  });
  const ensureStream = () => ensureDueStream(broker.connection, plainBroker, stream);
  const queue = dueQueue({ broker, names: plainBroker, queue: 'default', ensureStream });
  await queue.ensure();
  await broker.connection.jetstream().publish('jobs.due.default.j1', 'x');
  let taken = 0;
  queue.pull(1, 30_000, () => (taken += 1));
  await until(() => taken === 1, { what: 'a message is delivered all the same' });
});

test('less storage than is asked for is kept to, and told', async () => {
  server = await startNatsServer('', { jetStreamConfig: 'max_file_store: 20M' });
  expect(await findings(await connectAs(), all)).toMatchObject({
    [`the stream ${plainBroker.stream}`]: {
      outcome: 'reduced',
      found: '16 MiB of 64 MiB (JOBS_DUE_MAX_BYTES)',
    },
  });
});

test('a foreign consumer that takes the messages is named', async () => {
  server = await startNatsServer('');
  const broker = await connectAs();
  await ensureDueStream(broker.connection, plainBroker, stream);
  const manager = await broker.connection.jetstreamManager();
  await manager.consumers.add(plainBroker.stream, {
    durable_name: 'snoop',
    ack_policy: AckPolicy.Explicit,
    filter_subject: 'jobs.due.>',
  });
  expect(await findings(broker, all)).toMatchObject({
    'the consumer queue-default': {
      outcome: 'missing',
      found: 'another consumer that takes its messages: snoop (filter jobs.due.>)',
    },
  });
});

test('a stream in which jobs would get lost is refused, and left as it is: it may be somebody else’s', async () => {
  server = await startNatsServer('');
  const broker = await connectAs();
  const manager = await broker.connection.jetstreamManager();
  await manager.streams.add({
    name: plainBroker.stream,
    subjects: ['jobs.due.>'],
    retention: RetentionPolicy.Limits,
    max_bytes: 5_000_000,
  });
  const [found] = await findingsOfFirst(broker);
  expect(found).toMatchObject({
    outcome: 'missing',
    found: 'retention limits instead of workqueue',
  });
  expect((await manager.streams.info(plainBroker.stream)).config.max_bytes).toBe(5_000_000);
});

test('another stream on the same subjects is named by the broker', async () => {
  server = await startNatsServer('');
  const broker = await connectAs();
  const manager = await broker.connection.jetstreamManager();
  await manager.streams.add({ name: 'ALL', subjects: ['jobs.>'], max_bytes: 5_000_000 });
  expect((await findingsOfFirst(broker))[0]).toMatchObject({
    outcome: 'missing',
    found: 'subjects overlap with an existing stream (10065)',
  });
});

test.each([
  [2_048, 'missing'],
  [32_768, 'reduced'],
] as const)('max_payload %i is %s', async (bytes, outcome) => {
  server = await startNatsServer(`max_payload: ${bytes}`);
  expect((await findingsOfFirst(await connectAs()))[0]).toMatchObject({ outcome });
});
